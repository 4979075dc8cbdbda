import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { signLink } from '#libs/mail';
import { parseDurationMs } from '#libs/platform';
import { clientClass } from '../../../libs/platform/src/postgres/client.js';
import { setForDatabase } from '../../support/hostile-settings.js';
import { type ApiHarness, openApiHarness, LINK_KEYS, START_MS } from './api-harness.js';
import { addressOf, collectRoutes, kindOf, type Route } from './routes.js';

const routes = collectRoutes();
const ALL_ON = { all: true, invitations: true, reminders: true, acceptances: true, replies: true };
const rate = { count: 10_000, periodMs: parseDurationMs('PT1H') };

let api: ApiHarness;

beforeAll(async () => {
  api = await openApiHarness({
    // These rate limits use the database.
    RATE_SEND: rate,
    RATE_WRONG_EMAIL: rate,
    RATE_WRONG_EMAIL_RECIPIENT: rate,
    RATE_LINK_ADDRESS: rate,
    RATE_LINK: rate,
  });
}, START_MS);
afterAll(() => api.stop());
beforeEach(() => {
  api.channel.accept();
  api.notification.answer = { status: 200, body: JSON.stringify(ALL_ON) };
});

/** Ends every connection of the app, so that the next ones have the present settings. */
async function endConnections(): Promise<void> {
  const client = new Client(api.databaseUrl);
  await client.connect();
  try {
    // The settings of the database apply to this connection, too; a busy machine needs longer than they allow.
    await client.query('SET statement_timeout = 0');
    await client.query(
      `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
       WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`,
    );
  } finally {
    await client.end();
  }
}

const link = (purpose: 'accept' | 'unsubscribe' | 'preferences') =>
  `/l/${signLink(LINK_KEYS, {
    purpose,
    memberId: 'bob',
    ...(purpose === 'accept' ? { invitationId: 'ann.00000000-0000-4000-8000-00000000000a' } : {}),
    expiresAt: new Date(Date.now() + 600_000),
  })}`;

interface Ask {
  readonly route: string;
  readonly isPage: boolean;
  readonly ask: () => Promise<Awaited<ReturnType<ApiHarness['inject']>>>;
}

const BODIES: Record<string, object> = {
  '/v1/invitations': { recipientId: 'cid', recipientEmail: 'cid@network.example' },
  '/v1/invitations/:id/reply': { message: 'Hello' },
  '/v1/accounts/:id/lift-restriction': { reason: 'By mistake' },
  '/v1/email-preferences': ALL_ON,
};

/** Each route for a member, an operator or the holder of a link, with a valid request. */
function everyRoute(): Ask[] {
  const asks = routes
    .filter((route) => ['bearer', 'operator', 'session'].includes(kindOf(route)) && route.method !== 'HEAD')
    .map((route) => ({
      route: `${route.method} ${route.path}`,
      isPage: isPage(route),
      ask: () => ask(route),
    }));
  for (const purpose of ['accept', 'unsubscribe', 'preferences'] as const) {
    for (const method of ['GET', 'POST'] as const) {
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      asks.push({
        route: `${method} /l/<${purpose}>`,
        isPage: true,
        ask: () =>
          api.inject({
            method,
            url: link(purpose),
            ...(method === 'POST' ? { headers, payload: 'all=on' } : {}),
          }),
      });
    }
  }
  return asks;
}

const isPage = (route: Route) => kindOf(route) === 'session';

async function ask(route: Route): Promise<Awaited<ReturnType<ApiHarness['inject']>>> {
  const method = route.method as 'GET' | 'POST' | 'PUT';
  const url = addressOf(route);
  if (!isPage(route)) {
    const payload = BODIES[route.path];
    const headers = await api.as('bob', 'operator');
    return api.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
  }
  const cookie = `__Host-session=${await api.token()}`;
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const from = { cookie, 'sec-fetch-site': 'same-origin' };
  if (method === 'GET') return api.inject({ method, url, headers: from });
  const payload =
    'commandId=00000000-0000-4000-8000-00000000000c&message=x&all=on&email=cid%40network.example';
  return api.inject({ method, url, headers: { ...from, ...form }, payload });
}

/** Requests every route, and expects that each 503 is complete and none is 500. @returns the routes with 503 */
async function unavailableRoutes(): Promise<string[]> {
  const unavailable: string[] = [];
  for (const { route, isPage, ask } of everyRoute()) {
    const response = await ask();
    expect([route, response.statusCode]).not.toEqual([route, 500]);
    if (response.statusCode !== 503) continue;
    unavailable.push(route);
    expect([route, response.headers['retry-after']]).toEqual([route, expect.stringMatching(/^[1-9]\d*$/)]);
    const type = isPage ? 'text/html; charset=utf-8' : 'application/problem+json; charset=utf-8';
    expect([route, response.headers['content-type']]).toEqual([route, type]);
    const problem = { type: 'about:blank', title: 'Service Unavailable', status: 503, code: 'UNAVAILABLE' };
    expect([route, isPage || response.json()]).toEqual([route, isPage || problem]);
  }
  return unavailable;
}

const ready = async () => {
  const response = await api.inject({ url: '/readyz' });
  return [response.statusCode, response.json<{ parts: object }>().parts];
};

describe('a read-only database', () => {
  beforeAll(async () => {
    await setForDatabase(api.databaseUrl, { default_transaction_read_only: 'on' });
    await endConnections();
  });
  afterAll(async () => {
    await setForDatabase(api.databaseUrl, { default_transaction_read_only: 'off' });
    await endConnections();
  });

  it('causes 503 with Retry-After for writes, and leaves reads working', async () => {
    const unavailable = await unavailableRoutes();
    expect(unavailable).toEqual(expect.arrayContaining(['POST /v1/invitations', 'POST /l/<unsubscribe>']));
    expect(unavailable.filter((route) => route.startsWith('GET '))).toEqual([]);
  });

  it('makes the app unready until it accepts writes again', async () => {
    expect(await ready()).toEqual([503, { postgres: false }]);
    const headers = await api.as('bob');
    const send = () =>
      api.inject({ method: 'POST', url: '/v1/invitations', headers, payload: { recipientId: 'cid' } });
    const lists = () => api.inject({ url: '/v1/inbox', headers });
    await Promise.all(Array.from({ length: 20 }, lists));
    await setForDatabase(api.databaseUrl, { default_transaction_read_only: 'off' });
    // Nobody ends the connections that were opened meanwhile: each is dropped when a write is rejected.
    const statuses: number[] = [];
    for (let n = 0; n < 12; n += 1) statuses.push((await send()).statusCode);
    expect(statuses.at(-1)).toBe(201);
    expect((await ready())[0]).toBe(200);
  });
});

describe('a database with unusual settings', () => {
  beforeAll(async () => {
    await setForDatabase(api.databaseUrl);
    await endConnections();
  });

  it('changes no response', async () => {
    expect(await ready()).toEqual([200, { postgres: true }]);
    expect(await unavailableRoutes()).toEqual([]);
  });
});

describe('a database that fails over', () => {
  /** A fake server: responds to every login with an error, or not at all. */
  async function playing(answer: (socket: Socket) => void): Promise<{ server: Server; url: string }> {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => answer(socket));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { server, url: `postgres://x@127.0.0.1:${(server.address() as AddressInfo).port}/x` };
  }

  function fatal(code: string): Buffer {
    const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0Mnot now\0\0`);
    const head = Buffer.alloc(5);
    head.write('E');
    head.writeInt32BE(fields.length + 4, 1);
    return Buffer.concat([head, fields]);
  }

  it.each([
    ...['57P01', '57P02', '57P03', '53300', '08004', '28000', '3D000'].map(
      (code) => [`says ${code}`, (socket: Socket): void => void socket.end(fatal(code))] as const,
    ),
    ['resets', (socket: Socket): void => void socket.resetAndDestroy()] as const,
    ['closes', (socket: Socket): void => void socket.end()] as const,
  ])('causes 503 for every route that needs it when it %s', async (_, answer) => {
    const { server, url } = await playing(answer);
    const pool = api.db as unknown as { Client: ReturnType<typeof clientClass> };
    const { Client: connectsToDatabase } = pool;
    pool.Client = clientClass({ url });
    await endConnections();
    try {
      const unavailable = await unavailableRoutes();
      expect(unavailable).toEqual(
        expect.arrayContaining([
          'GET /v1/inbox',
          'POST /v1/invitations',
          'GET /inbox',
          'POST /l/<unsubscribe>',
        ]),
      );
      expect(await ready()).toEqual([503, { postgres: false }]);
    } finally {
      pool.Client = connectsToDatabase;
      server.close();
    }
  });
});
