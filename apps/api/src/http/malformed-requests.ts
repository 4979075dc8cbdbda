import { randomUUID } from 'node:crypto';
import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { closeLingering } from './lingering-close.js';
import { badRequest, notFound, ProblemError } from './problem.js';
import { REQUEST_ID_HEADER, getRequestId, type Headers } from './response-headers.js';

const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** Responds to a header `Expect` other than `100-continue`, for which Node emits no request. */
export const rejectExpectation =
  (security: Headers) =>
  (request: IncomingMessage, response: ServerResponse): void => {
    const { status, body } = new ProblemError(417, 'INVALID_COMMAND');
    const headers = { ...security, [REQUEST_ID_HEADER]: getRequestId(request), connection: 'close' };
    response.writeHead(status, { ...headers, 'content-type': PROBLEM_TYPE }).end(JSON.stringify(body));
  };

/** Responds to bytes that are not HTTP, to too many headers and to a slow sender, for which there is no request. */
export const rejectMalformedRequest =
  (security: Headers) =>
  (error: Error & { code?: string }, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || socket.destroyed) return;
    if (!socket.writable) return void socket.destroy();
    socket.write(formatResponse(error.code, security));
    closeLingering(socket);
  };

function formatResponse(code: string | undefined, security: Headers): string {
  const problem = new ProblemError(statusOf(code), 'INVALID_COMMAND');
  const body = JSON.stringify(problem.body);
  const headers = {
    ...security,
    [REQUEST_ID_HEADER]: randomUUID(),
    'content-type': PROBLEM_TYPE,
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n${lines.join('')}\r\n${body}`;
}

function statusOf(code: string | undefined): number {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 408;
  if (code === 'HPE_HEADER_OVERFLOW') return 431;
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') return 413;
  return 400;
}

/**
 * Rejects HTTP/1.1 requests without `Host`, and requests with several (RFC 9112, 3.2): proxies disagree about which one counts. Node's
 * own response would not be a problem, and Node takes the first of several.
 */
export function requireHost(server: FastifyInstance): void {
  server.addHook('onRequest', ({ headers, raw }, _reply, done) => {
    if (headers.host === undefined && raw.httpVersion === '1.1') return done(badRequest('Host is missing'));
    const hosts = raw.rawHeaders.filter((text, n) => n % 2 === 0 && text.toLowerCase() === 'host');
    if (hosts.length > 1) return done(badRequest('Host is given twice'));
    done();
  });
}

/** Responds to a URL that cannot be decoded with 404. Fastify handles it before any hook. */
export const rejectUnroutableUrl =
  (security: Headers) =>
  (_error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const { status, body } = notFound();
    void reply
      .code(status)
      .headers({ ...security, [REQUEST_ID_HEADER]: request.id })
      .type('application/problem+json')
      .send(body);
  };
