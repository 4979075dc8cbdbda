import { status as codes } from '@grpc/grpc-js';
import type { Message } from 'google-protobuf';
import type { ExpectedRevision } from '../store/check-append.js';
import type { Appended } from '../store/event-store.js';
import { StoreBusyError, StreamDeletedError, WrongExpectedRevisionError } from '../store/store-errors.js';
import { AppendTooLargeError, BadRequestError, WriteTimeoutError } from './request-errors.js';
import { Any, GoogleEmpty, shared, status, streams } from './stubs.js';

/*
 * BatchAppend answers errors in its messages, as google.rpc.Status with details that are an Any of an
 * event_store.client message; the client goes by the name in the Any.
 */

export function successOf({ revision, position }: Appended): streams.BatchAppendResp.Success {
  const success = new streams.BatchAppendResp.Success().setPosition(
    new shared.AllStreamPosition().setCommitPosition(String(position)).setPreparePosition(String(position)),
  );
  return revision < 0 ? success.setNoStream(new GoogleEmpty()) : success.setCurrentRevision(String(revision));
}

export function errorOf(error: unknown, expected: ExpectedRevision): status.Status {
  if (error instanceof WrongExpectedRevisionError) {
    return statusOf(codes.ALREADY_EXISTS, 'WrongExpectedVersion', conflictOf(error.current, expected));
  }
  if (error instanceof StreamDeletedError) {
    const identifier = new shared.StreamIdentifier().setStreamName(Buffer.from(error.stream));
    return statusOf(
      codes.NOT_FOUND,
      'StreamDeleted',
      new shared.StreamDeleted().setStreamIdentifier(identifier),
    );
  }
  if (error instanceof AppendTooLargeError) {
    const details = new shared.MaximumAppendSizeExceeded().setMaxappendsize(AppendTooLargeError.limit);
    return statusOf(codes.INVALID_ARGUMENT, 'MaximumAppendSizeExceeded', details);
  }
  if (error instanceof BadRequestError) {
    return statusOf(codes.INVALID_ARGUMENT, 'BadRequest', new shared.BadRequest().setMessage(error.message));
  }
  if (error instanceof WriteTimeoutError) {
    return statusOf(codes.DEADLINE_EXCEEDED, 'Timeout', new shared.Timeout());
  }
  if (error instanceof StoreBusyError) return serverIsBusy();
  return statusOf(codes.UNKNOWN, 'Unknown', new shared.Unknown());
}

function conflictOf(current: number, expected: ExpectedRevision): shared.WrongExpectedVersion {
  const conflict = new shared.WrongExpectedVersion();
  if (current < 0) conflict.setCurrentNoStream(new GoogleEmpty());
  else conflict.setCurrentStreamRevision(String(current));
  if (expected === 'any') return conflict.setExpectedAny(new GoogleEmpty());
  if (expected === 'no_stream') return conflict.setExpectedNoStream(new GoogleEmpty());
  if (expected === 'stream_exists') return conflict.setExpectedStreamExists(new GoogleEmpty());
  return conflict.setExpectedStreamPosition(String(expected));
}

function statusOf(code: codes, name: string, details: Message): status.Status {
  return packed(code, name, `event_store.client.${name}`, details);
}

function serverIsBusy(): status.Status {
  return packed(codes.UNKNOWN, 'Server Is Busy', 'google.protobuf.Empty', new GoogleEmpty());
}

function packed(code: codes, message: string, typeName: string, details: Message): status.Status {
  const any = new Any();
  any.pack(details.serializeBinary(), typeName);
  return new status.Status()
    .setCode(code as number)
    .setMessage(message)
    .setDetails(any);
}
