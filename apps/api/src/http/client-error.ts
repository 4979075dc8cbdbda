import { randomUUID } from 'node:crypto';
import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Problem } from './problem.js';
import { REQUEST_ID, requestIdOf } from './request-id.js';
import type { Headers } from './security-headers.js';

const PROBLEM = 'application/problem+json; charset=utf-8';

/** `Expect` with anything but `100-continue`, of which Node does not make a request, either. */
export const answerExpectation =
  (security: Headers) =>
  (request: IncomingMessage, response: ServerResponse): void => {
    const { status, body } = new Problem(417, 'INVALID_COMMAND');
    const headers = { ...security, [REQUEST_ID]: requestIdOf(request), connection: 'close' };
    response.writeHead(status, { ...headers, 'content-type': PROBLEM }).end(JSON.stringify(body));
  };

/** What never became a request: bytes that are no HTTP, too many headers, or a sender that is too slow. */
export const answerClientError =
  (security: Headers) =>
  (error: Error & { code?: string }, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || socket.destroyed) return;
    if (socket.writable) socket.write(answerTo(error.code, security));
    socket.destroy();
  };

function answerTo(code: string | undefined, security: Headers): string {
  const problem = new Problem(statusOf(code), 'INVALID_COMMAND');
  const body = JSON.stringify(problem.body);
  const headers = {
    ...security,
    [REQUEST_ID]: randomUUID(),
    'content-type': PROBLEM,
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
