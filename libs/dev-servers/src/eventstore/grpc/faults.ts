import { Metadata, status, type ServiceError } from '@grpc/grpc-js';
import type { ExpectedRevision } from '../store/check-append.js';
import {
  StoreBusyError,
  StreamDeletedError,
  type WrongExpectedRevisionError,
} from '../store/store-errors.js';
import {
  AppendTooLargeError,
  BadRequestError,
  MissingPropertyError,
  WriteTimeoutError,
} from './request-errors.js';

/** What a call ends with when an operation of the store, or a check of the request, threw. */
export function faultOf(error: unknown): ServiceError {
  if (error instanceof StreamDeletedError) {
    return fault(status.FAILED_PRECONDITION, `Event stream '${error.stream}' is deleted.`, {
      exception: 'stream-deleted',
      'stream-name': error.stream,
    });
  }
  if (error instanceof AppendTooLargeError) {
    return fault(status.INVALID_ARGUMENT, error.message, {
      exception: 'maximum-append-size-exceeded',
      'maximum-append-size': String(AppendTooLargeError.limit),
    });
  }
  if (error instanceof MissingPropertyError) {
    return fault(status.INVALID_ARGUMENT, error.message, {
      exception: 'missing-required-metadata-property',
      'required-metadata-properties': 'type,content-type',
    });
  }
  if (error instanceof BadRequestError) return fault(status.INVALID_ARGUMENT, error.message);
  if (error instanceof WriteTimeoutError) return fault(status.ABORTED, error.message);
  if (error instanceof Error && 'metadata' in error) return error as ServiceError;
  if (error instanceof StoreBusyError) return fault(status.UNAVAILABLE, 'Server Is Too Busy');
  return fault(status.UNKNOWN, error instanceof Error ? error.message : String(error));
}

/** @param operation as the message names it */
export function wrongExpectedVersion(
  operation: string,
  { stream, current }: WrongExpectedRevisionError,
  expected: ExpectedRevision,
): ServiceError {
  const version = versionNumber(expected);
  return fault(
    status.FAILED_PRECONDITION,
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

/** An error with the trailers that the client goes by. */
function fault(code: status, details: string, trailers: Record<string, string> = {}): ServiceError {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(trailers)) metadata.set(key, asHeader(value));
  return Object.assign(new Error(details), { code, details, metadata });
}

/** The numbers of .NET's ExpectedVersion. */
function versionNumber(expected: ExpectedRevision): string {
  if (expected === 'any') return '-2';
  if (expected === 'no_stream') return '-1';
  if (expected === 'stream_exists') return '-4';
  return String(expected);
}

/** Trailers are ASCII, stream names are not. */
function asHeader(value: string): string {
  return value.replaceAll(/[^ -~]/g, '?');
}
