import { convertToCommandError, type EventStoreDBClient } from '@eventstore/db-client';
import { internalsOf, StreamsClient } from './client-internals.js';
import { inChunks } from './in-chunks.js';
import { logRequest, READ, readEntry, type Entry, type LogRequest } from './log-protocol.js';

/**
 * A part of $all on a client's connection, in chunks of what has come. It gives what the client's `readAll` and
 * `subscribeToAll` give, at half of their price (docs/adr/0010).
 * @param signal ends it
 * @throws the client's errors
 */
export async function* readLog(
  client: Pick<EventStoreDBClient, 'readAll'>,
  request: LogRequest,
  signal: AbortSignal,
): AsyncGenerator<readonly Entry[], void, void> {
  const internals = internalsOf(client);
  const open = internals.GRPCStreamCreator(StreamsClient, 'readLog', (stub) => {
    const [metadata, options] = internals.callArguments({}, { deadline: Infinity });
    return stub.makeServerStreamRequest(
      READ,
      (asked: Buffer) => asked,
      readEntry,
      logRequest(request),
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
  // An error that comes after the last event was asked for has no reader any more.
  call.on('error', () => undefined);
  const cancel = () => call.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    if (!signal.aborted) yield* inChunks<Entry>(call);
  } catch (error) {
    if (!signal.aborted) throw asCommandError(error);
  } finally {
    signal.removeEventListener('abort', cancel);
    // Not at once: https://github.com/grpc/grpc-node/issues/1652.
    setImmediate(cancel);
  }
}

const asCommandError = (error: unknown): unknown =>
  error instanceof Error ? convertToCommandError(error) : error;
