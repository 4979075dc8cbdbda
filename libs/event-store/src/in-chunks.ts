import { finished, type Readable } from 'node:stream';

/** How many objects are held ready while the reader is at work. */
const READ_AHEAD = 1_024;

/**
 * What a stream of objects gives, in chunks of what has come in a turn of the event loop: one step of an iteration a
 * chunk, where `for await` over the stream takes some for each object, which costs more than what is done with it. No
 * chunk is empty.
 * @throws what the stream fails with, after what had come before
 */
export async function* inChunks<T>(stream: Readable): AsyncGenerator<T[], void, void> {
  let come: T[] = [];
  let isOver = false;
  let failure: unknown;
  let wake: (() => void) | undefined;
  const wakeReader = () => {
    wake?.();
    wake = undefined;
  };
  const onData = (item: T) => {
    come.push(item);
    if (come.length >= READ_AHEAD) stream.pause();
    // Once the others that have come with it are here, too.
    if (come.length === 1) setImmediate(wakeReader);
  };
  const forget = finished(stream, { writable: false }, (error) => {
    isOver = true;
    failure = error;
    wakeReader();
  });
  stream.on('data', onData);
  try {
    for (;;) {
      if (come.length > 0) {
        const chunk = come;
        come = [];
        stream.resume();
        yield chunk;
      } else if (failure) throw failure;
      else if (isOver) return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    forget();
    stream.off('data', onData);
    stream.destroy();
  }
}
