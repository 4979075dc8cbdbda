import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ApiHarness, openApiHarness, START_MS } from './api-harness.js';

/** All routes that return a tag. */
const TAGGED = [
  '/docs-json',
  '/docs/swagger-ui.css',
  '/docs/swagger-ui-bundle.js',
  '/docs/favicon-32x32.png',
];

let api: ApiHarness;
let port: number;

beforeAll(async () => {
  api = await openApiHarness();
  await api.app.listen(0, '127.0.0.1');
  port = Number(new globalThis.URL(await api.app.getUrl()).port);
}, START_MS);
afterAll(() => api.stop());

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Sends the request over a socket, so that header lines are sent unchanged. */
async function ask(url: string, lines: readonly string[], method = 'GET'): Promise<Answer> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const request = [`${method} ${url} HTTP/1.1`, 'Host: x', 'Connection: close', ...lines, '', ''].join(
    '\r\n',
  );
  socket.write(request, 'latin1');
  socket.setEncoding('latin1');
  const [head = '', body = ''] = (await text(socket)).split(/\r\n\r\n(.*)/s);
  const [first = '', ...rest] = head.split('\r\n');
  const headers = rest
    .map((line) => /^([^:]+): (.*)$/.exec(line)!)
    .map(([, name, value]) => [name!.toLowerCase(), value!]);
  return { status: Number(first.split(' ')[1]), headers: Object.fromEntries(headers), body };
}

describe.each(TAGGED)('If-None-Match at %s', (url) => {
  const tags = async () => {
    const { status, headers } = await ask(url, []);
    expect(status).toBe(200);
    const etag = headers['etag']!;
    expect(etag).toMatch(/^(W\/)?"[^"]+"$/);
    const opaque = etag.replace('W/', '');
    return { strong: opaque, weak: `W/${opaque}` };
  };

  it.each<[string, (tag: { strong: string; weak: string }) => string[]]>([
    ['its tag', ({ strong }) => [`If-None-Match: ${strong}`]],
    ['its tag, weak', ({ weak }) => [`If-None-Match: ${weak}`]],
    ['every tag', () => ['If-None-Match: *']],
    ['a list', ({ weak }) => [`If-None-Match: "a,b" ,, W/"\xe9",\t${weak}`]],
    ['several lines', ({ strong }) => ['If-None-Match: "a"', `if-none-match: ${strong}`]],
    [
      'a date that is long past',
      ({ strong }) => [`If-None-Match: ${strong}`, 'If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT'],
    ],
    ['a range', ({ strong }) => [`If-None-Match: ${strong}`, 'Range: bytes=0-9']],
  ])('returns 304 without a body for %s', async (_, lines) => {
    const tag = await tags();
    for (const method of ['GET', 'HEAD']) {
      const full = await ask(url, [], method);
      const { status, headers, body } = await ask(url, lines(tag), method);
      expect([method, status, body]).toEqual([method, 304, '']);
      // The headers that a cache updates, and none about the missing body.
      for (const name of ['etag', 'cache-control', 'vary', 'content-location', 'expires']) {
        expect([name, headers[name]]).toEqual([name, full.headers[name]]);
      }
      expect(headers).toHaveProperty('date');
      for (const name of ['content-length', 'content-type', 'content-range', 'transfer-encoding']) {
        expect(headers).not.toHaveProperty(name);
      }
      expect(headers['x-content-type-options']).toBe('nosniff');
    }
  });

  it.each<[string, (tag: { strong: string; weak: string }) => string[]]>([
    ['another tag', () => ['If-None-Match: "a"']],
    ['its tag without quotation marks', ({ strong }) => [`If-None-Match: ${strong.replaceAll('"', '')}`]],
    ['its tag in a list that is none', ({ strong }) => [`If-None-Match: ${strong} "a"`]],
    ['a star in a list', () => ['If-None-Match: *, "a"']],
    [
      'another tag and a date to come',
      () => ['If-None-Match: "a"', 'If-Modified-Since: Thu, 01 Jan 2099 00:00:00 GMT'],
    ],
    [
      'nothing and a date to come',
      () => ['If-None-Match:', 'If-Modified-Since: Thu, 01 Jan 2099 00:00:00 GMT'],
    ],
  ])('returns 200 with the whole body for %s', async (_, lines) => {
    const full = await ask(url, []);
    const { status, body } = await ask(url, lines(await tags()));
    expect([status, body.length]).toEqual([200, full.body.length]);
  });
});

it('ignores If-None-Match where there is no tag', async () => {
  const { authorization } = await api.as('bob');
  for (const [url, status] of [
    ['/v1/inbox', 200],
    ['/healthz', 200],
    ['/no/such/route', 404],
  ] as const) {
    const answer = await ask(url, ['If-None-Match: *', `Authorization: ${authorization}`]);
    expect([url, answer.status]).toEqual([url, status]);
    expect(answer.headers).not.toHaveProperty('etag');
  }
});
