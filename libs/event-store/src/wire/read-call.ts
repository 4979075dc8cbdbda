import { finished, type Readable } from 'node:stream';
import { convertToCommandError, type EventStoreDBClient } from '@eventstore/db-client';
import { internalsOf, StreamsClient } from './client-internals.js';
import {
  decodeReadResponse,
  encodeReadRequest,
  READ,
  type LogEntry,
  type ReadRequest,
} from './read-codec.js';

/**
 * Reads `$all`, or subscribes to it, on a client's connection, in batches of the responses that have arrived. It yields what
 * the client's `readAll` and `subscribeToAll` do, at half of their cost (docs/adr/0010).
 * @param signal ends it without an error
 * @throws the client's errors
 */
export async function* callRead(
  client: Pick<EventStoreDBClient, 'readAll'>,
  request: ReadRequest,
  signal: AbortSignal,
): AsyncGenerator<readonly LogEntry[], void, void> {
  const internals = internalsOf(client);
  const name = request.prefixes === undefined ? 'readAll' : 'subscribeToAll';
  const open = internals.GRPCStreamCreator(StreamsClient, name, (stub) => {
    const [metadata, options] = internals.callArguments({}, { deadline: Infinity });
    return stub.makeServerStreamRequest(
      READ,
      (encoded: Buffer) => encoded,
      decodeReadResponse,
      encodeReadRequest(request),
      metadata,
      options,
    );
  });
  let call: Awaited<ReturnType<typeof open>>;
  try {
    call = await open();
  } catch (error) {
    throw asCommandError(error);
  }
  // Nobody handles an error that comes after the caller has stopped reading.
  call.on('error', () => undefined);
  const cancel = () => call.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    if (!signal.aborted) yield* readInBatches<LogEntry>(call);
  } catch (error) {
    if (!signal.aborted) throw asCommandError(error);
  } finally {
    signal.removeEventListener('abort', cancel);
    // Not synchronously: https://github.com/grpc/grpc-node/issues/1652.
    setImmediate(cancel);
  }
}

const asCommandError = (error: unknown): unknown =>
  error instanceof Error ? convertToCommandError(error) : error;

/** How many objects to hold while the consumer is busy. */
const READ_AHEAD = 1_024;

/**
 * Reads a stream of objects in batches: each holds the objects that arrived in one turn of the event loop, and none is empty.
 * `for await` over the stream takes several promises for each object, which costs more than what is done with it.
 * The caller cancels a stream of which it does not take all; the rest is dropped.
 * @throws the error of the stream, after the objects that had arrived before it
 */
export async function* readInBatches<T>(stream: Readable): AsyncGenerator<T[], void, void> {
  let arrived: T[] = [];
  let isOver = false;
  let failure: unknown;
  let wake: (() => void) | undefined;
  const wakeConsumer = () => {
    wake?.();
    wake = undefined;
  };
  const onData = (item: T) => {
    arrived.push(item);
    if (arrived.length >= READ_AHEAD) stream.pause();
    // After the objects that have arrived with this one.
    if (arrived.length === 1) setImmediate(wakeConsumer);
  };
  const stopListening = finished(stream, { writable: false }, (error) => {
    isOver = true;
    failure = error;
    wakeConsumer();
  });
  stream.on('data', onData);
  try {
    for (;;) {
      if (arrived.length > 0) {
        const batch = arrived;
        arrived = [];
        stream.resume();
        yield batch;
      } else if (failure) throw failure;
      else if (isOver) return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    stopListening();
    stream.off('data', onData);
    // Not destroyed: the client holds a call until it has ended, and one whose rest nobody takes never ends.
    stream.resume();
  }
}
