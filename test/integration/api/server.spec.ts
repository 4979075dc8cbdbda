import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type ApiHarness, openApiHarness, START_MS } from './api-harness.js';

let api: ApiHarness;

beforeAll(async () => {
  api = await openApiHarness();
}, START_MS);
afterAll(() => api.stop());
beforeEach(() => api.channel.accept());

const send = async (payload: string | Buffer, type = 'application/json') =>
  api.inject({
    method: 'POST',
    url: '/v1/invitations',
    headers: { ...(await api.as('bob')), 'content-type': type },
    payload,
  });

describe('a request body', () => {
  it.each([
    ['malformed', '{"recipientId":'],
    ['no JSON', 'recipientId'],
    ['empty', ''],
    ['null', 'null'],
    ['a number', '1'],
    ['text', '"cid"'],
    ['with __proto__', '{"recipientId":"cid","__proto__":{"inviterId":"ann"}}'],
    ['no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])],
    ['deep', '['.repeat(30_000)],
  ])('is rejected: %s', async (_, payload) => {
    const response = await send(payload);
    expect([response.statusCode, response.json().code]).toEqual([400, 'INVALID_COMMAND']);
    expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(api.channel.published).toEqual([]);
  });

  it('is accepted up to 64 KiB, beyond that it gets 413', async () => {
    const json = (bytes: number) => JSON.stringify({ recipientId: 'cid' }).padEnd(bytes);
    expect((await send(json(65_536))).statusCode).toBe(201);
    const response = await send(json(65_537));
    expect([response.statusCode, response.json().status]).toEqual([413, 413]);
    expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(response.headers['x-content-type-options']).toBe('nosniff');
  });

  it.each([
    'text/plain',
    'application/xml',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
  ])('gets 415 as %s', async (type) => {
    const response = await send('recipientId=cid', type);
    expect([response.statusCode, response.json().code]).toEqual([415, 'INVALID_COMMAND']);
    expect(api.channel.published).toEqual([]);
  });
});

describe('an address', () => {
  it.each([
    ['GET', '/v'],
    ['GET', '/v2/inbox'],
    ['GET', '/v1'],
    ['GET', '/v1/inbox/'],
    ['GET', '/V1/INBOX'],
    ['GET', '/v1//inbox'],
    ['GET', '/docs/%2e%2e%2fpackage.json'],
    ['GET', '/%'],
    ['GET', '/l/%ff'],
    ['DELETE', '/v1/inbox'],
    ['PUT', '/v1/invitations'],
    ['GET', '/v1/invitations'],
    ['PATCH', '/l/x'],
    ['OPTIONS', '/v1/inbox'],
    ['POST', '/healthz'],
  ] as const)('%s %s is a problem 404', async (method, url) => {
    const response = await api.inject({ method, url, headers: await api.as('bob') });
    expect([response.statusCode, response.json().code]).toEqual([404, 'NOT_FOUND']);
    expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(response.headers['x-content-type-options']).toBe('nosniff');
  });
});

describe('the operations routes', () => {
  it('need no token', async () => {
    expect((await api.inject({ url: '/healthz' })).json()).toEqual({ alive: true });
    expect((await api.inject({ url: '/readyz' })).json()).toEqual({ ready: true, parts: { postgres: true } });
  });

  it('measure requests without distinguishing ignores and declines from other commands (R20, R30)', async () => {
    const { payload, headers } = await api.inject({ url: '/metrics' });
    expect(headers['content-type']).toMatch(/^text\/plain/);
    expect(payload).toContain(
      'http_request_duration_seconds_count{method="POST",route="/v1/invitations",status="201"}',
    );
    expect(payload).not.toMatch(/ignore|decline/);
  });

  it('describe the API, the operations and the links of e-mails, but not the pages', async () => {
    const document = (await api.inject({ url: '/docs-json' })).json<{ paths: Record<string, object> }>();
    expect(Object.keys(document.paths).toSorted()).toEqual([
      '/healthz',
      '/l/{token}',
      '/metrics',
      '/readyz',
      '/v1/accounts/{id}/lift-restriction',
      '/v1/accounts/{id}/restriction',
      '/v1/archive',
      '/v1/commands/{commandId}',
      '/v1/connections',
      '/v1/email-preferences',
      '/v1/inbox',
      '/v1/invitations',
      '/v1/invitations/{id}/accept',
      '/v1/invitations/{id}/decline',
      '/v1/invitations/{id}/ignore',
      '/v1/invitations/{id}/reply',
      '/v1/invitations/{id}/restore',
      '/v1/invitations/{id}/withdraw',
      '/v1/sent',
    ]);
    const page = await api.inject({ url: '/docs' });
    expect(page.statusCode).toBe(200);
    expect(page.headers['content-security-policy']).toContain("default-src 'self'");
  });
});

describe('the page of the API’s documentation', () => {
  const files = readdirSync(dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json')));

  it('is served with the files that it loads, and with nothing else of its package', async () => {
    for (const address of ['/docs', '/docs/']) {
      const page = await api.app.inject({ url: address });
      expect([page.statusCode, page.headers['content-type']]).toEqual([
        200,
        expect.stringMatching(/^text\/html/),
      ]);
      const loaded = [...page.payload.matchAll(/<(?:script src|link [^>]*href)=["']([^"']+)["']/g)].map(
        ([, link]) => new globalThis.URL(link!, `http://x${address}`).pathname,
      );
      expect(loaded).toHaveLength(6);
      for (const url of loaded) expect([url, (await api.app.inject({ url })).statusCode]).toEqual([url, 200]);
      expect(files.length).toBeGreaterThan(20);
      for (const url of files.map((file) => `/docs/${file}`).filter((url) => !loaded.includes(url))) {
        const response = await api.app.inject({ url });
        expect([url, response.statusCode, response.json().code]).toEqual([url, 404, 'NOT_FOUND']);
      }
    }
  });

  it.each([
    '/docs/./package.json',
    '/docs/%70ackage.json',
    '/docs/docs/package.json',
    '/docs/docs/swagger-ui-init.js',
    '/docs//package.json',
    '/docs/swagger-ui.css/',
    '/docs/swagger-ui.css/../package.json',
    '/docs/swagger-ui.css%2f..%2fpackage.json',
    '/docs/toString',
    '/docs/LICENSE',
    '/docs/index.html',
  ])('is not at %s', async (url) => {
    for (const method of ['GET', 'HEAD'] as const) {
      expect((await api.app.inject({ method, url })).statusCode).toBe(404);
    }
  });
});

describe('a raw connection', () => {
  it(
    'a stop lets a request under way finish, and closes idle connections',
    async () => {
      const stopping = await openApiHarness();
      await stopping.app.listen(0, '127.0.0.1');
      const { port } = new globalThis.URL(await stopping.app.getUrl());
      const agent = new Agent({ keepAlive: true });
      const idle = connect(Number(port), '127.0.0.1');
      await once(idle, 'connect');
      const idleIsClosed = once(idle, 'close');

      const asked = Promise.withResolvers<void>();
      const decided = Promise.withResolvers<void>();
      stopping.channel.answer = async ({ commandId }) => {
        asked.resolve();
        await decided.promise;
        return { commandId, outcome: 'accepted' };
      };
      const headers = { ...(await stopping.as('bob')), 'content-type': 'application/json' };
      const call = request({
        port,
        host: '127.0.0.1',
        path: '/v1/invitations',
        method: 'POST',
        headers,
        agent,
      });
      call.end('{"recipientId":"cid"}');
      const responded = once(call, 'response');
      await asked.promise;

      const stopped = stopping.stop();
      await idleIsClosed;
      decided.resolve();
      const [response] = await responded;
      expect(response.statusCode).toBe(201);
      expect(response.headers.connection).toBe('close');
      expect(JSON.parse(await text(response))).toHaveProperty('invitationId');
      await stopped;
      agent.destroy();
    },
    START_MS,
  );

  it('never names the server software', async () => {
    const response = await api.inject({ url: '/v1/inbox', headers: await api.as('bob') });
    expect(response.headers).not.toHaveProperty('server');
    expect(response.headers).not.toHaveProperty('x-powered-by');
  });
});
