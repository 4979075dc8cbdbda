import { Metadata, type ServiceError, status as codes } from '@grpc/grpc-js';
import type { Message } from 'google-protobuf';
import { AccessDeniedError, NotAuthenticatedError } from '../access/access.js';
import { UserExistsError, UserNotFoundError } from '../access/users.js';
import { Any, GoogleEmpty, shared, status } from '../protocol/stubs.js';
import {
  type ExpectedRevision,
  StoreBusyError,
  StreamDeletedError,
  WrongExpectedRevisionError,
} from '../store/check-append.js';

/** The request does not follow the protocol. */
export class BadRequestError extends Error {}

/** An event lacks a required property. */
export class MissingPropertyError extends BadRequestError {
  constructor(property: string) {
    super(`Required Metadata Property '${property}' is missing`);
  }
}

/** The data of an append's events exceeds the limit. As on the real server, types and metadata do not count. */
export class AppendTooLargeError extends Error {
  /** The real server's default; bytes. */
  static readonly limit = 1024 * 1024;

  constructor() {
    super(`Maximum Append Size of ${AppendTooLargeError.limit} Exceeded.`);
  }
}

/** The write did not become durable in time. It may still become durable later. */
export class WriteTimeoutError extends Error {
  constructor() {
    super('Operation timed out');
  }
}

/** A subscriber reads more slowly than events are appended. It must subscribe again. */
export class SlowConsumerError extends Error {
  constructor(phase: 'live' | 'transitioning to live') {
    super(
      `Operation timed out: Consumer too slow to handle event while ${phase}. Client resubscription required.`,
    );
  }
}

/** How long a write may take before the server gives up on it; the real server's default. */
export const WRITE_TIMEOUT_MS = 2_000;

/** @throws WriteTimeoutError when the write takes too long; whatever the write throws */
export async function withWriteTimeout<Value>(write: Promise<Value>): Promise<Value> {
  const { promise: timeout, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new WriteTimeoutError()), WRITE_TIMEOUT_MS);
  try {
    return await Promise.race([write, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** The status that ends a call after an error of the store, of access control or of the request. */
export function toServiceError(error: unknown): ServiceError {
  if (error instanceof StreamDeletedError) {
    return serviceError(codes.FAILED_PRECONDITION, `Event stream '${error.stream}' is deleted.`, {
      exception: 'stream-deleted',
      'stream-name': error.stream,
    });
  }
  if (error instanceof AppendTooLargeError) {
    return serviceError(codes.INVALID_ARGUMENT, error.message, {
      exception: 'maximum-append-size-exceeded',
      'maximum-append-size': String(AppendTooLargeError.limit),
    });
  }
  if (error instanceof MissingPropertyError) {
    return serviceError(codes.INVALID_ARGUMENT, error.message, {
      exception: 'missing-required-metadata-property',
      'required-metadata-properties': 'type,content-type',
    });
  }
  if (error instanceof BadRequestError) return serviceError(codes.INVALID_ARGUMENT, error.message);
  if (error instanceof WriteTimeoutError || error instanceof SlowConsumerError) {
    return serviceError(codes.ABORTED, error.message);
  }
  if (error instanceof UserNotFoundError) {
    return serviceError(codes.NOT_FOUND, error.message, {
      exception: 'user-not-found',
      'login-name': error.login,
    });
  }
  if (error instanceof UserExistsError) {
    return serviceError(codes.FAILED_PRECONDITION, error.message, {
      exception: 'user-conflict',
      'login-name': error.login,
    });
  }
  if (error instanceof AccessDeniedError) {
    return serviceError(codes.PERMISSION_DENIED, error.message, { exception: 'access-denied' });
  }
  if (error instanceof NotAuthenticatedError) return serviceError(codes.UNAUTHENTICATED, error.message);
  if (error instanceof Error && 'metadata' in error) return error as ServiceError;
  if (error instanceof StoreBusyError) return serviceError(codes.UNAVAILABLE, 'Server Is Too Busy');
  return serviceError(codes.UNKNOWN, error instanceof Error ? error.message : String(error));
}

/** @param operation its name in the message */
export function wrongExpectedVersion(
  operation: string,
  { stream, current }: WrongExpectedRevisionError,
  expected: ExpectedRevision,
): ServiceError {
  const version = versionNumber(expected);
  return serviceError(
    codes.FAILED_PRECONDITION,
    `${operation} failed due to WrongExpectedVersion. ` +
      `Stream: ${stream}, Expected version: ${version}, Actual version: ${current}`,
    {
      exception: 'wrong-expected-version',
      'stream-name': stream,
      'expected-version': version,
      'actual-version': String(current),
    },
  );
}

/** @param trailers the client recognizes the error by them */
function serviceError(code: codes, details: string, trailers: Record<string, string> = {}): ServiceError {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(trailers)) metadata.set(key, toAscii(value));
  return Object.assign(new Error(details), { code, details, metadata });
}

/** The numbers of .NET's ExpectedVersion. */
function versionNumber(expected: ExpectedRevision): string {
  if (expected === 'any') return '-2';
  if (expected === 'no_stream') return '-1';
  if (expected === 'stream_exists') return '-4';
  return String(expected);
}

/** Trailers are ASCII; stream names may hold other characters. */
function toAscii(value: string): string {
  return value.replaceAll(/[^ -~]/g, '?');
}

/**
 * The status of one append of a BatchAppend call, which carries errors in its messages: a google.rpc.Status whose details
 * are an Any of an event_store.client message. The client recognizes the error by the type name in the Any.
 */
export function toBatchAppendStatus(error: unknown, expected: ExpectedRevision): status.Status {
  if (error instanceof WrongExpectedRevisionError) {
    const conflict = wrongExpectedVersionDetails(error.current, expected);
    return clientStatus(codes.ALREADY_EXISTS, 'WrongExpectedVersion', conflict);
  }
  if (error instanceof StreamDeletedError) {
    const identifier = new shared.StreamIdentifier().setStreamName(Buffer.from(error.stream));
    const details = new shared.StreamDeleted().setStreamIdentifier(identifier);
    return clientStatus(codes.NOT_FOUND, 'StreamDeleted', details);
  }
  if (error instanceof AppendTooLargeError) {
    const details = new shared.MaximumAppendSizeExceeded().setMaxappendsize(AppendTooLargeError.limit);
    return clientStatus(codes.INVALID_ARGUMENT, 'MaximumAppendSizeExceeded', details);
  }
  if (error instanceof BadRequestError) {
    const details = new shared.BadRequest().setMessage(error.message);
    return clientStatus(codes.INVALID_ARGUMENT, 'BadRequest', details);
  }
  if (error instanceof WriteTimeoutError) {
    return clientStatus(codes.DEADLINE_EXCEEDED, 'Timeout', new shared.Timeout());
  }
  if (error instanceof AccessDeniedError) {
    return clientStatus(codes.PERMISSION_DENIED, 'AccessDenied', new shared.AccessDenied());
  }
  if (error instanceof StoreBusyError) {
    return rpcStatus(codes.UNKNOWN, 'Server Is Busy', 'google.protobuf.Empty', new GoogleEmpty());
  }
  return clientStatus(codes.UNKNOWN, 'Unknown', new shared.Unknown());
}

function wrongExpectedVersionDetails(
  current: number,
  expected: ExpectedRevision,
): shared.WrongExpectedVersion {
  const conflict = new shared.WrongExpectedVersion();
  if (current < 0) conflict.setCurrentNoStream(new GoogleEmpty());
  else conflict.setCurrentStreamRevision(String(current));
  if (expected === 'any') return conflict.setExpectedAny(new GoogleEmpty());
  if (expected === 'no_stream') return conflict.setExpectedNoStream(new GoogleEmpty());
  if (expected === 'stream_exists') return conflict.setExpectedStreamExists(new GoogleEmpty());
  return conflict.setExpectedStreamPosition(String(expected));
}

function clientStatus(code: codes, name: string, details: Message): status.Status {
  return rpcStatus(code, name, `event_store.client.${name}`, details);
}

function rpcStatus(code: codes, message: string, typeName: string, details: Message): status.Status {
  const any = new Any();
  any.pack(details.serializeBinary(), typeName);
  return new status.Status()
    .setCode(code as number)
    .setMessage(message)
    .setDetails(any);
}
