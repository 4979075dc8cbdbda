import { HttpException } from '@nestjs/common';
import { InvalidDataError } from '#libs/contracts';
import { InvalidCursorError } from '#libs/read-models';
import { badRequest, notFound, ProblemError, serviceUnavailable, type ProblemCode } from './problem.js';

const CODE_BY_STATUS: Readonly<Record<number, ProblemCode>> = {
  401: 'UNAUTHENTICATED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  429: 'RATE_LIMITED',
};

/** Turns any thrown value into a problem; an unexpected one becomes 500. */
export function toProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof InvalidDataError) return badRequest(error.message);
  if (error instanceof InvalidCursorError) return badRequest('cursor is not one that a list returned');
  if (isAbortedByClient(error)) return badRequest();
  if (isOutage(error)) return serviceUnavailable(error);
  const status = statusOf(error);
  if (status === 404) return notFound();
  if (status === 503) return serviceUnavailable(error);
  if (status === undefined || status < 400 || status > 499) return internalError(error);
  return new ProblemError(status, CODE_BY_STATUS[status] ?? 'INVALID_COMMAND');
}

/** Whether the client disconnected while it was sending. Nobody reads the response, and no dependency failed. */
const isAbortedByClient = (error: unknown): boolean =>
  error instanceof Error && error.message === 'aborted' && 'code' in error && error.code === 'ECONNRESET';

const internalError = (error: unknown): ProblemError =>
  new ProblemError(500, 'INTERNAL', {}, undefined, error);

/** Nest's errors have `getStatus`; Fastify's (body too large, broken URL) have `statusCode`. */
function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  if (error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number') {
    return error.statusCode;
  }
  return undefined;
}

/**
 * Error codes of TLS when the certificate is not the expected one: during a rotation, or when a name points to
 * another host.
 */
const TLS_CODE = /^(?:ERR_(?:TLS|SSL)_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_SOCKET_)/;

/**
 * SQLSTATE codes of a server that is unreachable, short of resources, stopping, starting, failing over, read-only, or
 * that cancelled a statement: connections (08), a read-only transaction (25006), idle sessions that it ended (25P03,
 * 25P04), logins (28) and databases (3D) that a server does not have yet, conflicts with other transactions or with
 * recovery (40), resources (53), locks (55), operator intervention (57), the server's disk (58).
 */
const OUTAGE_SQLSTATE = /^(?:08|28|40|53|57|58)...$|^(?:25006|25P0[34]|3D000|55006|55P0[23])$/;

/** Messages of the `pg` client for which it has no code. */
const CLIENT_MESSAGE =
  /^(?:timeout exceeded when trying to connect|Connection (?:terminated|ended)|Query read timeout|Client (?:has encountered a connection error|was closed)|Cannot use a pool after calling end|The server does not support SSL connections|There was an error establishing an SSL connection)/;

/** Whether a database error means that the database is unavailable, and not that a query is wrong. */
function isOutage(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, message, syscall } = error as { code?: unknown; message?: unknown; syscall?: unknown };
  return (
    (typeof code === 'string' &&
      (isNetworkError(code, syscall) || TLS_CODE.test(code) || OUTAGE_SQLSTATE.test(code))) ||
    (typeof message === 'string' && CLIENT_MESSAGE.test(message)) ||
    (error instanceof AggregateError && error.errors.length > 0 && error.errors.every(isOutage))
  );
}

/** System calls on sockets. The same codes on files do not mean an unreachable peer. */
const SOCKET_CALLS = new Set(['connect', 'read', 'write', 'getaddrinfo', 'queryA', 'queryAaaa', 'shutdown']);
const NETWORK_CODE =
  /^E(?:CONN(?:REFUSED|RESET|ABORTED)|PIPE|TIMEDOUT|(?:HOST|NET)(?:UNREACH|DOWN)|NETRESET|NOTFOUND|AI_\w+|NOTCONN|PROTO)$/;

const isNetworkError = (code: string, syscall: unknown): boolean =>
  NETWORK_CODE.test(code) ||
  (/^E[A-Z]+$/.test(code) && typeof syscall === 'string' && SOCKET_CALLS.has(syscall));
