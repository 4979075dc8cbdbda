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

/** On every answer, errors and unknown routes included. What a member sees is theirs: nothing is stored on the way. */
export const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'content-security-policy': STRICT,
} as const;

export function sendSecurityHeaders(server: FastifyInstance): void {
  server.addHook('onRequest', (request, reply, done) => {
    const docs = request.url === '/docs' || request.url.startsWith('/docs/');
    void reply.headers(docs ? { ...SECURITY_HEADERS, 'content-security-policy': DOCS } : SECURITY_HEADERS);
    done();
  });
}
