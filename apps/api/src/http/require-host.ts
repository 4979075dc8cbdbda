import type { FastifyInstance } from 'fastify';
import { invalid } from './problem.js';

/** HTTP/1.1 asks for it. Node would say so itself, with an answer that is no problem. */
export function requireHost(server: FastifyInstance): void {
  server.addHook('onRequest', ({ headers, raw }, _reply, done) => {
    done(headers.host === undefined && raw.httpVersion === '1.1' ? invalid('Host is missing') : undefined);
  });
}
