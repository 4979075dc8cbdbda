import { finished, type Readable } from 'node:stream';

/** How many events the client holds ready: with its own 16 it stops and starts the server for every few of them. */
export const READ_AHEAD = { highWaterMark: 1_024 };

/**
 * What a stream of objects holds, all of it at a time: one step of an iteration a chunk, where `for await` over the
 * stream takes some for each object, which costs more than what is done with it. No chunk is empty.
 * @throws what the stream fails with, after what had come before
 */
export async function* inChunks<T>(stream: Readable): AsyncGenerator<T[], void, void> {
  let isOver = false;
  let failure: unknown;
  let wake = () => {};
  const onReadable = () => wake();
  stream.on('readable', onReadable);
  const forget = finished(stream, { writable: false }, (error) => {
    isOver = true;
    failure = error;
    wake();
  });
  try {
    for (;;) {
      const chunk: T[] = [];
      for (let item = stream.read() as T | null; item !== null; item = stream.read() as T | null)
        chunk.push(item);
      if (chunk.length > 0) yield chunk;
      else if (failure) throw failure;
      else if (isOver) return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    forget();
    stream.off('readable', onReadable);
    stream.destroy();
  }
}
