import type { FastifyInstance } from 'fastify';
import { parseJson } from '#libs/contracts';

/**
 * The bodies that are read: JSON, and forms, which only the pages take. Whatever else is sent is answered with 415.
 * A mail program's one-click unsubscription may come as multipart; its one field says nothing that the link does not.
 */
export function readBodies(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, body.length === 0 ? undefined : parseJson(body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
  const form = 'application/x-www-form-urlencoded';
  server.addContentTypeParser(form, { parseAs: 'string' }, (_request, body, done) => {
    done(null, new URLSearchParams(body.toString()));
  });
  server.addContentTypeParser('multipart/form-data', { parseAs: 'buffer' }, (_request, _body, done) => {
    done(null, new URLSearchParams());
  });
}
