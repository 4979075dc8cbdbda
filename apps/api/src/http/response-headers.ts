import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';

/**
 * Allows the one style sheet, the one script and the icon of the pages, the network's logo, requests to this app, and forms that post
 * to this app.
 */
const pagesPolicy = (styleHash: string, logoUrl: string | undefined): string =>
  [
    "default-src 'none'",
    `style-src '${styleHash}'`,
    "script-src 'self'",
    `img-src 'self'${logoUrl === undefined ? '' : ` ${new URL(logoUrl).origin}`}`,
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ');

/** The OpenAPI page has its own scripts, style sheets and images. */
const DOCS_POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'";

export type Headers = Readonly<Record<string, string>>;

/**
 * Creates the headers of every response, errors and unknown routes included. Pages are personal: no cache stores
 * them, and no other site can embed them or keep a reference to their window.
 * @param publicUrl where members reach this app: HSTS is sent only if it is https
 * @param styleHash the hash source of the pages' style sheet
 * @param logoUrl the one picture that pages load from elsewhere
 */
export const createSecurityHeaders = (publicUrl: string, styleHash: string, logoUrl?: string): Headers => ({
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'content-security-policy': pagesPolicy(styleHash, logoUrl),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  ...(publicUrl.startsWith('https:') ? { 'strict-transport-security': 'max-age=31536000' } : {}),
});

export function addSecurityHeaders(server: FastifyInstance, headers: Headers): void {
  const ofDocs = { ...headers, 'content-security-policy': DOCS_POLICY };
  server.addHook('onRequest', (request, reply, done) => {
    const docs = request.url === '/docs' || request.url.startsWith('/docs/');
    void reply.headers(docs ? ofDocs : headers);
    done();
  });
}

export const REQUEST_ID_HEADER = 'x-request-id';

/** The id is logged and sent back, so it must not contain an e-mail address, a header or a line break. */
const SAFE_REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/;

/** Returns the caller's id for a request, or a new one. */
export function getRequestId({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers[REQUEST_ID_HEADER];
  return typeof given === 'string' && SAFE_REQUEST_ID.test(given) ? given : randomUUID();
}

/** Adds the request id to every response, so that a caller can give it to an operator. */
export function addRequestIds(server: FastifyInstance): void {
  server.addHook('onRequest', (request, reply, done) => {
    void reply.header(REQUEST_ID_HEADER, request.id);
    done();
  });
}
