import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';

const DOCUMENT = '/docs-json';

/**
 * The OpenAPI document is the one answer that is large, the same for all and often asked for again. Lists have none:
 * they are stored nowhere, so nobody has anything to compare them with.
 */
export function sendEtags(server: FastifyInstance): void {
  server.addHook('onSend', async (request, reply, payload) => {
    if (request.routeOptions.url !== DOCUMENT || reply.statusCode !== 200 || typeof payload !== 'string') {
      return payload;
    }
    const etag = `"${createHash('sha256').update(payload).digest('base64url')}"`;
    void reply.headers({ etag, 'cache-control': 'no-cache' });
    if (request.headers['if-none-match'] !== etag) return payload;
    void reply.code(304).removeHeader('content-length');
    return '';
  });
}
