import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';

const DOCUMENT_ROUTE = '/docs-json';

/** Headers that describe the body, which a 304 does not have (RFC 9110 15.4.5). */
const BODY_HEADERS = ['content-length', 'content-type', 'content-encoding', 'content-range', 'last-modified'];

/**
 * Tags the OpenAPI document, the one response that is large, the same for everybody and often requested. Lists have
 * no tag: no client stores them, so no client could compare one.
 *
 * Compares the tags of all routes here: the package that serves the files of `/docs` parses no list of tags, so it
 * must not see `If-None-Match`. If that header is present, `If-Modified-Since` must be ignored.
 */
export function addEtags(server: FastifyInstance): void {
  const asked = new WeakMap<FastifyRequest, string>();
  server.addHook('onRequest', (request, _reply, done) => {
    const { headers } = request.raw;
    const tags = headers['if-none-match'];
    if (tags !== undefined) {
      asked.set(request, tags);
      delete headers['if-none-match'];
      delete headers['if-modified-since'];
    }
    done();
  });
  server.addHook('onSend', async (request, reply, payload) => {
    if (
      request.routeOptions.url === DOCUMENT_ROUTE &&
      reply.statusCode === 200 &&
      typeof payload === 'string'
    ) {
      const digest = createHash('sha256').update(payload).digest('base64url');
      void reply.headers({ etag: `"${digest}"`, 'cache-control': 'no-cache' });
    }
    const [tags, etag] = [asked.get(request), reply.getHeader('etag')];
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (tags === undefined || typeof etag !== 'string' || !isRead) return payload;
    if (reply.statusCode !== 200 && reply.statusCode !== 206) return payload;
    if (!matchesIfNoneMatch(tags, etag)) return payload;
    if (payload instanceof Readable) payload.destroy();
    for (const name of BODY_HEADERS) void reply.removeHeader(name);
    void reply.code(304);
    // An empty string would get a length of 0, which is not the length of the document; Fastify measures every HEAD
    // body except streams.
    return request.method === 'HEAD' ? Readable.from([]) : null;
  });
}

/** Contains `etagc` of RFC 9110 8.8.3: any visible character but a quotation mark, and the bytes above ASCII. */
const ENTITY_TAG = /(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"/y;
const WHITE_SPACE = /[ \t]*/y;

/**
 * Whether an `If-None-Match` header contains an entity tag (RFC 9110 13.1.2), by weak comparison: `W/` makes no
 * difference. `*` matches every tag. A header that does not follow the grammar is ignored as a whole.
 * @param etag of the representation that would be sent
 */
export function matchesIfNoneMatch(header: string, etag: string): boolean {
  if (/^[ \t]*\*[ \t]*$/.test(header)) return true;
  return parseTags(header)?.includes(withoutWeakPrefix(etag)) ?? false;
}

const withoutWeakPrefix = (etag: string): string => etag.replace(/^W\//, '');

/**
 * Returns the tags of a list without `W/`; undefined if it does not follow the grammar. A list may have empty
 * elements.
 */
function parseTags(header: string): string[] | undefined {
  const tags: string[] = [];
  let at = 0;
  const skip = (): void => {
    WHITE_SPACE.lastIndex = at;
    WHITE_SPACE.test(header);
    at = WHITE_SPACE.lastIndex;
  };
  for (;;) {
    skip();
    ENTITY_TAG.lastIndex = at;
    const tag = ENTITY_TAG.exec(header);
    if (tag !== null) {
      tags.push(`"${tag[2]}"`);
      at = ENTITY_TAG.lastIndex;
      skip();
    }
    if (at === header.length) return tags;
    if (header[at] !== ',') return undefined;
    at += 1;
  }
}
