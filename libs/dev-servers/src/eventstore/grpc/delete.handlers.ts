import type { handleUnaryCall } from '@grpc/grpc-js';
import type { ExpectedRevision } from '../store/check-append.js';
import type { EventStore } from '../store/event-store.js';
import { WrongExpectedRevisionError } from '../store/store-errors.js';
import { wrongExpectedVersion } from './faults.js';
import { BadRequestError, WriteTimeoutError } from './request-errors.js';
import { expectedRevisionOf, streamNameOf } from './requests.js';
import { streams } from './stubs.js';
import { within, WRITE_TIMEOUT_MS } from './timeout.js';
import { unary } from './unary.js';

type Options = streams.DeleteReq.Options | streams.TombstoneReq.Options;
type Remove = (stream: string, expected: ExpectedRevision) => Promise<number>;

/** Streams.Delete, which hides a stream until it is written to again. */
export function deleteHandler(store: EventStore): handleUnaryCall<streams.DeleteReq, streams.DeleteResp> {
  return unary(async (request) => {
    const remove: Remove = (stream, expected) => store.delete(stream, expected);
    const at = await removed(request.getOptions(), 'Delete', remove);
    const position = new streams.DeleteResp.Position().setCommitPosition(at).setPreparePosition(at);
    return new streams.DeleteResp().setPosition(position);
  });
}

/** Streams.Tombstone, which deletes a stream for ever. */
export function tombstoneHandler(
  store: EventStore,
): handleUnaryCall<streams.TombstoneReq, streams.TombstoneResp> {
  return unary(async (request) => {
    const remove: Remove = (stream, expected) => store.tombstone(stream, expected);
    const at = await removed(request.getOptions(), 'Tombstone', remove);
    const position = new streams.TombstoneResp.Position().setCommitPosition(at).setPreparePosition(at);
    return new streams.TombstoneResp().setPosition(position);
  });
}

/** @returns the position of the event that says so */
async function removed(options: Options | undefined, operation: string, remove: Remove): Promise<string> {
  if (!options) throw new BadRequestError('The request has no options.');
  const expected = expectedRevisionOf(options, options.getRevision());
  try {
    const removing = remove(streamNameOf(options.getStreamIdentifier()), expected);
    return String(await within(WRITE_TIMEOUT_MS, removing, () => new WriteTimeoutError()));
  } catch (error) {
    throw error instanceof WrongExpectedRevisionError
      ? wrongExpectedVersion(operation, error, expected)
      : error;
  }
}
