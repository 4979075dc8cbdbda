import type { FastifyInstance } from 'fastify';
import { STYLE_HASH } from '../pages/frame/style.js';

/** Nothing but our one style sheet, our one script, which asks nobody but us, and forms that come back here. */
const STRICT = [
  "default-src 'none'",
  `style-src '${STYLE_HASH}'`,
  "script-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** The OpenAPI page brings scripts, style sheets and images of its own. */
const DOCS =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'";

export type Headers = Readonly<Record<string, string>>;

/**
 * On every answer, errors and unknown routes included. What a member sees is theirs: nothing is stored on the way, and
 * no other site embeds it or keeps a hand on its window.
 * @param publicUrl where members reach this app: only where that is encrypted may browsers be told to insist on it
 */
export const securityHeaders = (publicUrl: string): Headers => ({
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'content-security-policy': STRICT,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  ...(publicUrl.startsWith('https:') ? { 'strict-transport-security': 'max-age=31536000' } : {}),
});

export function sendSecurityHeaders(server: FastifyInstance, headers: Headers): void {
  const ofDocs = { ...headers, 'content-security-policy': DOCS };
  server.addHook('onRequest', (request, reply, done) => {
    const docs = request.url === '/docs' || request.url.startsWith('/docs/');
    void reply.headers(docs ? ofDocs : headers);
    done();
  });
}
