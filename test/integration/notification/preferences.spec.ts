import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { preferencesRoutes } from '../../../apps/notification/src/preferences/preferences.routes.js';
import { createLogger, Health, startHealthServer } from '#libs/platform';
import { startLedger, type Ledger } from './notification-harness.js';

const [OLD, NEW] = ['o'.repeat(32), 'n'.repeat(32)];
const SECRETS = `${OLD},${NEW}`;
const ALL = { all: true, invitations: true, reminders: true, acceptances: true, replies: true };

describe('preferencesRoutes', () => {
  let ledger: Ledger;
  let server: Awaited<ReturnType<typeof startHealthServer>>;

  beforeAll(async () => {
    ledger = await startLedger();
    const routes = preferencesRoutes(ledger.pool, SECRETS, createLogger('test', 'silent'));
    server = await startHealthServer({ host: '127.0.0.1', port: 0 }, new Health(), new Registry(), routes);
  });
  afterAll(async () => {
    await server.close();
    await ledger.stop();
  });

  async function request(path: string, init?: RequestInit) {
    const url = `http://127.0.0.1:${server.port}/internal/members/${path}`;
    const response = await fetch(url, { headers: { authorization: `Bearer ${NEW}` }, ...init });
    return { status: response.status, body: (await response.json()) as object };
  }
  const requestFor = (memberId: string, init?: RequestInit) => request(`${memberId}/email-preferences`, init);
  const put = (memberId: string, body: unknown) =>
    requestFor(memberId, { method: 'PUT', body: typeof body === 'string' ? body : JSON.stringify(body) });

  it('returns all preferences turned on for a member who has saved none (D13)', async () => {
    expect(await requestFor('nobody')).toEqual({ status: 200, body: ALL });
  });

  it('rejects a request without a valid secret, and changes nothing', async () => {
    const attempts: Record<string, string>[] = [
      {},
      { authorization: `Bearer ${'x'.repeat(32)}` },
      { authorization: OLD },
    ];
    for (const headers of attempts) {
      for (const init of [{}, { method: 'PUT', body: JSON.stringify({ ...ALL, all: false }) }]) {
        const { status, body } = await requestFor('erin', { ...init, headers });
        expect([status, body]).toEqual([401, expect.objectContaining({ code: 'UNAUTHENTICATED' })]);
      }
      expect((await request('erin/email-preferences/all', { method: 'DELETE', headers })).status).toBe(401);
    }
    expect(await requestFor('erin', { headers: { authorization: `Bearer ${OLD}` } })).toEqual({
      status: 200,
      body: ALL,
    });
  });

  it('returns what was saved', async () => {
    const wanted = { ...ALL, all: false, replies: false };
    expect(await put('alice', wanted)).toEqual({ status: 200, body: wanted });
    expect(await requestFor('alice')).toEqual({ status: 200, body: wanted });
    expect(await put('alice', ALL)).toEqual({ status: 200, body: ALL });
    expect(await requestFor('alice')).toEqual({ status: 200, body: ALL });
  });

  it.each([
    ['a value that is not a boolean', { ...ALL, all: 'yes' }],
    ['a missing preference', { all: true }],
    ['an unknown preference', { ...ALL, newsletters: true }],
    ['a body that is not JSON', 'no JSON'],
    ['a body that is not an object', '[]'],
    ['a body of 5,000 bytes', `{"all": ${' '.repeat(5_000)}true}`],
  ])('rejects %s', async (_, body) => {
    expect(await put('carol', body)).toMatchObject({
      status: 400,
      body: { code: 'INVALID_COMMAND', status: 400 },
    });
    expect(await requestFor('carol')).toEqual({ status: 200, body: ALL });
  });

  it('turns off two preferences in two requests at the same time, and keeps the others', async () => {
    await put('dan', { ...ALL, acceptances: false });
    const turnOff = (which: string, memberId = 'dan') =>
      request(`${memberId}/email-preferences/${which}`, { method: 'DELETE' });
    await Promise.all([turnOff('invitations'), turnOff('reminders')]);
    const kept = { ...ALL, acceptances: false, invitations: false, reminders: false };
    expect(await requestFor('dan')).toEqual({ status: 200, body: kept });
    expect(await turnOff('all', 'eve')).toEqual({ status: 200, body: { ...ALL, all: false } });
    for (const unknown of ['newsletters', 'toString', '']) {
      expect(await turnOff(unknown)).toMatchObject({ status: 400 });
    }
    expect(await request('dan/email-preferences/all')).toMatchObject({ status: 405 });
  });

  it('accepts only member ids in the path, and only GET and PUT', async () => {
    expect(await requestFor('a%20b')).toMatchObject({ status: 400 });
    expect(await requestFor('alice', { method: 'DELETE' })).toMatchObject({ status: 405 });
    const { port } = server;
    expect((await fetch(`http://127.0.0.1:${port}/internal/members/alice`)).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
  });
});
