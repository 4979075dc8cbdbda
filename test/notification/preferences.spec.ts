import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { preferencesRoutes } from '../../apps/notification/src/preferences/preferences.routes.js';
import { createLogger, Health, startHealthServer } from '../../libs/platform/src/index.js';
import { ledgerUnderTest } from './notification-under-test.js';

const ALL = { all: true, invitations: true, reminders: true, acceptances: true, replies: true };

describe('the internal API of e-mail preferences (D13)', () => {
  let ledger: Awaited<ReturnType<typeof ledgerUnderTest>>;
  let server: Awaited<ReturnType<typeof startHealthServer>>;

  beforeAll(async () => {
    ledger = await ledgerUnderTest();
    const routes = preferencesRoutes(ledger.pool, createLogger('test', 'silent'));
    server = await startHealthServer(0, new Health(), new Registry(), routes);
  });
  afterAll(async () => {
    await server.close();
    await ledger.stop();
  });

  async function asked(path: string, init?: RequestInit) {
    const url = `http://127.0.0.1:${server.port}/internal/members/${path}`;
    const response = await fetch(url, init);
    return { status: response.status, body: (await response.json()) as object };
  }
  const ask = (memberId: string, init?: RequestInit) => asked(`${memberId}/email-preferences`, init);
  const put = (memberId: string, body: unknown) =>
    ask(memberId, { method: 'PUT', body: typeof body === 'string' ? body : JSON.stringify(body) });

  it('says yes to all for a member who never said anything', async () => {
    expect(await ask('nobody')).toEqual({ status: 200, body: ALL });
  });

  it('takes what it gives', async () => {
    const wanted = { ...ALL, all: false, replies: false };
    expect(await put('alice', wanted)).toEqual({ status: 200, body: wanted });
    expect(await ask('alice')).toEqual({ status: 200, body: wanted });
    expect(await put('alice', ALL)).toEqual({ status: 200, body: ALL });
    expect(await ask('alice')).toEqual({ status: 200, body: ALL });
  });

  it.each([
    ['what is no boolean', { ...ALL, all: 'yes' }],
    ['some of them only', { all: true }],
    ['others', { ...ALL, newsletters: true }],
    ['no JSON', 'no JSON'],
    ['no object', '[]'],
    ['a body of 5,000 bytes', `{"all": ${' '.repeat(5_000)}true}`],
  ])('refuses %s', async (_, body) => {
    expect(await put('carol', body)).toMatchObject({
      status: 400,
      body: { code: 'INVALID_COMMAND', status: 400 },
    });
    expect(await ask('carol')).toEqual({ status: 200, body: ALL });
  });

  it('turns several off at once, and leaves the others as they were', async () => {
    await put('dan', { ...ALL, acceptances: false });
    const off = (which: string, memberId = 'dan') =>
      asked(`${memberId}/email-preferences/${which}`, { method: 'DELETE' });
    await Promise.all([off('invitations'), off('reminders')]);
    const kept = { ...ALL, acceptances: false, invitations: false, reminders: false };
    expect(await ask('dan')).toEqual({ status: 200, body: kept });
    expect(await off('all', 'eve')).toEqual({ status: 200, body: { ...ALL, all: false } });
    for (const unknown of ['newsletters', 'toString', '']) {
      expect(await off(unknown)).toMatchObject({ status: 400 });
    }
    expect(await asked('dan/email-preferences/all')).toMatchObject({ status: 405 });
  });

  it('knows only member ids, GET and PUT', async () => {
    expect(await ask('a%20b')).toMatchObject({ status: 400 });
    expect(await ask('alice', { method: 'DELETE' })).toMatchObject({ status: 405 });
    const { port } = server;
    expect((await fetch(`http://127.0.0.1:${port}/internal/members/alice`)).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
  });
});
