import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createLogger } from '#libs/platform';
import { serviceUnavailable } from '../../../apps/api/src/http/problem.js';
import { createSecurityHeaders } from '../../../apps/api/src/http/response-headers.js';
import { SCRIPT_PATH } from '../../../apps/api/src/pages/layout/assets.controller.js';
import { untilClosed } from '../../support/until-closed.js';
import { type ApiHarness, openApiHarness, LINK_KEYS, START_MS } from './api-harness.js';

let api: ApiHarness;
let lines: Record<string, unknown>[] = [];

const destination = new Writable({
  write(chunk: Buffer, _encoding, done) {
    lines.push(JSON.parse(chunk.toString()) as Record<string, unknown>);
    done();
  },
});

beforeAll(async () => {
  api = await openApiHarness({ CORS_ORIGINS: ['https://app.example'] }, LINK_KEYS, {
    // Actions of operators are logged at every level.
    logger: createLogger('api', 'warn', destination),
    statementMs: 2_000,
  });
  await api.app.listen(0, '127.0.0.1');
}, START_MS);
afterAll(() => api.stop());
beforeEach(() => {
  api.channel.accept();
  lines = [];
});

describe('X-Request-Id', () => {
  const idOf = async (url: string, given?: string) =>
    (await api.inject({ url, headers: given === undefined ? {} : { 'x-request-id': given } })).headers[
      'x-request-id'
    ];

  it.each(['/healthz', '/v1/inbox', '/inbox', '/l/x', '/no/such/route', '/%', '/docs-json'])(
    'comes back from %s, and is made up where it is none',
    async (url) => {
      expect(await idOf(url, 'gateway-1.2_3')).toBe('gateway-1.2_3');
      const made = [await idOf(url), await idOf(url)];
      expect(new Set(made).size).toBe(2);
      for (const bad of ['a@b.example', 'x'.repeat(65), 'a b', 'a,b', '<b>']) {
        expect(await idOf(url, bad)).toMatch(/^[0-9a-f-]{36}$/);
      }
    },
  );

  it('is in the log line of a failure, which contains nothing else of the request', async () => {
    api.channel.answer = () => Promise.reject(serviceUnavailable(new Error('no broker')));
    await api.inject({
      method: 'POST',
      url: '/v1/invitations?q=secret-query',
      headers: { ...(await api.as('bob')), 'x-request-id': 'gateway-7' },
      payload: { recipientId: 'cid', recipientEmail: 'cid@network.example', message: 'secret text' },
    });
    expect(lines).toMatchObject([{ level: 'warn', requestId: 'gateway-7', route: '/v1/invitations' }]);
    expect(JSON.stringify(lines)).not.toMatch(/secret|cid@|Bearer/);
  });
});

describe('every response', () => {
  it.each([
    ['GET', '/healthz'],
    ['GET', '/v1/inbox'],
    ['POST', '/v1/invitations'],
    ['GET', '/inbox'],
    ['GET', '/l/x'],
    ['POST', '/l/x'],
    ['GET', '/no/such/route'],
    ['GET', '/%'],
    ['GET', '/docs'],
    ['GET', '/docs/swagger-ui.css'],
    ['GET', '/docs/none'],
    ['GET', '/docs-json'],
    ['GET', SCRIPT_PATH],
    ['DELETE', '/v1/inbox'],
  ] as const)('to %s %s comes with what keeps browsers safe', async (method, url) => {
    const { headers } = await api.app.inject({ method, url });
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
      'cross-origin-resource-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'strict-transport-security': 'max-age=31536000',
      'cache-control': expect.any(String),
      'x-request-id': expect.any(String),
    });
    expect(headers).not.toHaveProperty('server');
  });

  it('has HSTS only if the public URL is https', () => {
    expect(createSecurityHeaders('http://127.0.0.1:3000', 'sha256-x')).not.toHaveProperty(
      'strict-transport-security',
    );
  });
});

describe('the log line of an operator’s action', () => {
  it('says who, what, why and with which outcome', async () => {
    const headers = { ...(await api.as('olga', 'operator')), 'x-request-id': 'case-9' };
    const lift = (payload: object) =>
      api.inject({ method: 'POST', url: '/v1/accounts/ann/lift-restriction', headers, payload });
    await lift({ reason: 'Declined by mistake' });
    api.channel.refuse('NOT_FOUND');
    await lift({ reason: 'Once more' });
    api.channel.answer = async () => undefined;
    await lift({ reason: 'Slow' });
    api.channel.answer = () => Promise.reject(serviceUnavailable(new Error('no broker')));
    await lift({ reason: 'No broker' });
    await api.inject({ url: '/v1/accounts/ann/restriction', headers });
    const who = { operatorId: 'olga', accountId: 'ann', requestId: 'case-9' };
    const lifting = { action: 'lift-restriction', ...who, commandId: expect.any(String) };
    expect(lines.flatMap(({ operator }) => operator ?? [])).toEqual([
      { ...lifting, reason: 'Declined by mistake', outcome: 'accepted' },
      { ...lifting, reason: 'Once more', outcome: 'NOT_FOUND' },
      { ...lifting, reason: 'Slow', outcome: 'unknown' },
      { ...lifting, reason: 'No broker', outcome: 'not handed over' },
      { action: 'read-restriction', ...who },
    ]);
  });

  it('cannot be split by the operator’s text', async () => {
    await api.inject({
      method: 'POST',
      url: '/v1/accounts/ann/lift-restriction',
      headers: await api.as('olga', 'operator'),
      payload: { reason: 'x\n{"level":"info","operator":{"operatorId":"bob"}}' },
    });
    expect(lines).toHaveLength(1);
  });
});

describe('web pages of other origins', () => {
  const preflight = (origin: string, on: ApiHarness = api) =>
    on.app.inject({
      method: 'OPTIONS',
      url: '/v1/invitations',
      headers: { origin, 'access-control-request-method': 'POST' },
    });

  it('may call the API if they are configured, without cookies', async () => {
    const { statusCode, headers } = await preflight('https://app.example');
    expect([statusCode, headers['access-control-allow-origin']]).toEqual([204, 'https://app.example']);
    expect(headers).not.toHaveProperty('access-control-allow-credentials');
    const response = await api.inject({ url: '/v1/inbox', headers: { origin: 'https://app.example' } });
    expect(response.headers['access-control-allow-origin']).toBe('https://app.example');
    expect(response.headers['vary']).toMatch(/origin/i);
  });

  it.each(['https://app.example.evil.example', 'http://app.example', 'null', 'https://APP.example:444'])(
    'may not from %s',
    async (origin) => {
      expect((await preflight(origin)).headers).not.toHaveProperty('access-control-allow-origin');
      const response = await api.inject({ url: '/v1/inbox', headers: { origin } });
      expect(response.headers).not.toHaveProperty('access-control-allow-origin');
    },
  );
});

describe('the OpenAPI document', () => {
  it('has an ETag, because it is large and the same for everybody', async () => {
    const first = await api.inject({ url: '/docs-json' });
    const etag = String(first.headers['etag']);
    expect(first.headers['cache-control']).toBe('no-cache');
    const again = await api.inject({ url: '/docs-json', headers: { 'if-none-match': etag } });
    expect([again.statusCode, again.payload]).toEqual([304, '']);
    const other = await api.inject({ url: '/docs-json', headers: { 'if-none-match': '"x"' } });
    expect([other.statusCode, other.payload]).toEqual([200, first.payload]);
  });
});

describe('a database that does not respond', () => {
  it('causes 503 with Retry-After', async () => {
    const holder = await api.db.connect();
    try {
      await holder.query('BEGIN; LOCK TABLE read_models.command_outcomes IN ACCESS EXCLUSIVE MODE');
      const url = '/v1/commands/00000000-0000-4000-8000-000000000000';
      const response = await api.inject({ url, headers: await api.as('bob') });
      expect([response.statusCode, response.json().code]).toEqual([503, 'UNAVAILABLE']);
      expect(response.headers['retry-after']).toMatch(/^[1-9]\d*$/);
    } finally {
      await holder.query('ROLLBACK');
      holder.release();
    }
  });
});

describe('a socket', () => {
  const open = async (allowHalfOpen = false): Promise<Socket> => {
    const { port } = new globalThis.URL(await api.app.getUrl());
    const socket = connect({ port: Number(port), host: '127.0.0.1', allowHalfOpen });
    await once(socket, 'connect');
    socket.on('error', () => undefined);
    return socket;
  };

  /**
   * Returns what the server sends until the connection has ended, also by a reset if a byte has crossed the server's
   * end of it.
   */
  async function heardOn(socket: Socket): Promise<string> {
    let heard = '';
    socket.setEncoding('utf8').on('data', (some: string) => (heard += some));
    await untilClosed(socket);
    return heard;
  }

  it.each([
    ['no HTTP', 'GARBAGE\r\n\r\n', 400],
    ['a TLS hello', '\x16\x03\x01\x02\x00\x01\x00\r\n\r\n', 400],
    [
      'two lengths',
      'POST /v1/inbox HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab',
      400,
    ],
    [
      'a length and chunks',
      'POST /v1/inbox HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['two hosts', 'GET /v1/inbox HTTP/1.1\r\nhost: x\r\nhost: y\r\nconnection: close\r\n\r\n', 400],
    ['a header with a line end', 'GET / HTTP/1.1\r\nhost: x\r\na: b\rc\r\n\r\n', 400],
    ['headers without end', `GET / HTTP/1.1\r\nhost: x\r\na: ${'b'.repeat(20_000)}\r\n\r\n`, 431],
  ])('gets a problem and is closed after %s', async (_, bytes, status) => {
    const socket = await open();
    socket.write(bytes, 'latin1');
    const answer = await heardOn(socket);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer).toMatch(/content-type: application\/problem\+json/);
    expect(answer).toMatch(/x-content-type-options: nosniff/);
    expect(answer).toMatch(/x-request-id: [0-9a-f-]{36}/);
    expect(JSON.parse(answer.split('\r\n\r\n')[1]!)).toMatchObject({ status, code: 'INVALID_COMMAND' });
  });

  /**
   * Sends bytes, then a byte each 100 ms. Returns the time until the server closes the connection, and its response.
   */
  async function closedAfter(atOnce: string, oneByOne: string): Promise<[number, string]> {
    const socket = await open();
    const since = performance.now();
    socket.write(atOnce);
    let at = 0;
    const timer = setInterval(() => {
      if (at < oneByOne.length) socket.write(oneByOne[at++]!);
    }, 100);
    const answer = await heardOn(socket);
    clearInterval(timer);
    return [performance.now() - since, answer];
  }

  it('is closed when it is silent, or slow with its headers or its body', async () => {
    const request = `POST /v1/invitations HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n`;
    const [silent, headers, body] = await Promise.all([
      closedAfter('', ''),
      closedAfter('', `${request}x: ${'x'.repeat(1_000)}`),
      closedAfter(`${request}\r\n`, ' '.repeat(999)),
    ]);
    for (const [ms, answer] of [silent, headers, body]) {
      expect(ms).toBeLessThan(16_000);
      expect(answer).toMatch(/^HTTP\/1\.1 (?:408|401) |^$/);
    }
    expect(headers[1]).toMatch(/^HTTP\/1\.1 408 /);
  }, 40_000);

  const LAST = 'host: x\r\ncontent-type: application/json\r\nconnection: close\r\n';
  const body = (length: number) => `content-length: ${length}\r\n\r\n${'x'.repeat(length)}`;
  it.each([
    ['a body that is too large', [413], `POST /v1/invitations HTTP/1.1\r\n${LAST}${body(2_000_000)}`],
    ['a body that nobody reads', [200], `GET /docs-json HTTP/1.1\r\n${LAST}${body(500_000)}`],
    [
      'no HTTP behind a request',
      [200, 400],
      `GET /docs-json HTTP/1.1\r\nhost: x\r\n\r\n${'x'.repeat(5_000)}`,
    ],
  ])('gets its response whole after %s', async (_, statuses, bytes) => {
    const lost: string[] = [];
    for (let round = 0; round < 40; round += 1) {
      const sockets = await Promise.all(Array.from({ length: 8 }, () => open()));
      for (const answer of await Promise.all(
        sockets.map((socket) => {
          // In two parts, so that some still come when the response has been sent.
          socket.write(bytes.slice(0, bytes.length / 2), 'latin1');
          setTimeout(() => socket.write(bytes.slice(bytes.length / 2), 'latin1'), round % 4);
          return heardOn(socket);
        }),
      )) {
        const [head = '', content = ''] = answer.split('\r\n\r\n');
        const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1]);
        if (statuses.includes(Number(head.slice(9, 12))) && Buffer.byteLength(content) >= length) continue;
        lost.push(answer.slice(0, 50));
      }
    }
    expect(lost).toEqual([]);
  });

  it('is closed soon after its response, also if it goes on sending', async () => {
    const socket = await open(true);
    socket.write(`POST /v1/invitations HTTP/1.1\r\n${LAST}content-length: 2000000\r\n\r\n`);
    const sends = setInterval(() => socket.write('x'), 100);
    const since = performance.now();
    expect(await heardOn(socket)).toMatch(/^HTTP\/1\.1 413 /);
    clearInterval(sends);
    // Seconds before the limit for a whole request ends it.
    expect(performance.now() - since).toBeLessThan(7_000);
  });

  it('is closed when it does not read its response', async () => {
    const accepted = once(api.app.getHttpServer(), 'connection');
    const socket = await open();
    socket.pause();
    const [connection] = (await accepted) as [Socket];
    // More than the operating system buffers for both ends.
    socket.write('GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(20));
    await once(connection, 'close');
    expect(connection.destroyed).toBe(true);
    socket.destroy();
  }, 60_000);
});
