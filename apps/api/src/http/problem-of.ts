import { HttpException } from '@nestjs/common';
import { InvalidData } from '#libs/contracts';
import { InvalidCursor } from '#libs/read-models';
import { isOutage } from './is-outage.js';
import { invalid, notFound, Problem, unavailable, type ProblemCode } from './problem.js';

const CODES: Readonly<Record<number, ProblemCode>> = {
  401: 'UNAUTHENTICATED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  429: 'RATE_LIMITED',
};

/** Whatever was thrown, as an answer; 500 for what nobody foresaw. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof InvalidData) return invalid(error.message);
  if (error instanceof InvalidCursor) return invalid('cursor is not one that a list returned');
  if (isGone(error)) return invalid();
  if (isOutage(error)) return unavailable(error);
  const status = statusOf(error);
  if (status === 404) return notFound();
  if (status === 503) return unavailable(error);
  if (status === undefined || status < 400 || status > 499) return unforeseen(error);
  return new Problem(status, CODES[status] ?? 'INVALID_COMMAND');
}

/** The caller went away while it was sending. Nobody reads the answer; it is no outage of ours. */
const isGone = (error: unknown): boolean =>
  error instanceof Error && error.message === 'aborted' && 'code' in error && error.code === 'ECONNRESET';

const unforeseen = (error: unknown): Problem => new Problem(500, 'INTERNAL', {}, undefined, error);

/** Nest's errors have `getStatus`, the server's own (a body too large, a broken URL) have `statusCode`. */
function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  if (error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number') {
    return error.statusCode;
  }
  return undefined;
}
