import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { LINK_KEYS } from '../../support/deployed.js';
import type { HostileStack } from './stack.js';

/** Unusual settings of a database, and unusual requests. */
export function httpCases(stack: () => HostileStack): void {
  it.each([
    ['datestyle', "'German'"],
    ['intervalstyle', "'sql_standard'"],
    ['timezone', "'Asia/Kolkata'"],
    ['search_path', "'nowhere'"],
    ['default_transaction_isolation', "'serializable'"],
    ['bytea_output', "'escape'"],
  ])('works on a database whose %s is %s', async (name, value) => {
    const { pool } = stack().deployed;
    const alter = (change: string) =>
      pool.query(`DO $$ BEGIN EXECUTE format('ALTER DATABASE %I ${change}', current_database()); END $$`);
    await alter(`SET ${name} = ${value.replaceAll("'", "''")}`);
    try {
      await closeSessions(stack());
      await stack().expectServiceOnEveryPartition();
    } finally {
      await alter(`RESET ${name}`);
      await closeSessions(stack());
    }
  });

  it('responds with 503 and is not ready while PostgreSQL is read-only', async () => {
    const { pool } = stack().deployed;
    const [member] = await stack().newMembers(1);
    const alter = (change: string) =>
      pool.query(
        `SET default_transaction_read_only = off;
         DO $$ BEGIN EXECUTE format('ALTER DATABASE %I ${change}', current_database()); END $$`,
      );
    await alter('SET default_transaction_read_only = on');
    try {
      await closeSessions(stack());
      await stack().until(
        async () => (await stack().readiness('api')).status === 503,
        'the api is not ready',
      );
      for (const path of ['/v1/inbox', '/v1/email-preferences']) {
        const { status } = await stack().request(member!, 'GET', path);
        expect([path, [200, 503].includes(status)]).toEqual([path, true]);
      }
    } finally {
      await alter('RESET default_transaction_read_only');
      await closeSessions(stack());
    }
    await stack().until(async () => (await stack().readiness('api')).status === 200, 'the api is ready');
  });

  it.each(['W/%', '"x", %', '*', ' W/%,  "y"'])('compares If-None-Match weakly: %s', async (given) => {
    const first = await fetch(`${stack().deployed.api}/docs-json`);
    const etag = first.headers.get('etag');
    expect(etag).not.toBeNull();
    const header = given.replace('%', etag!.replace(/^W\//, ''));
    const second = await fetch(`${stack().deployed.api}/docs-json`, { headers: { 'if-none-match': header } });
    expect([header, second.status]).toEqual([header, 304]);
  });

  it('keeps one client from using up the rate limit for links in the e-mails of others', async () => {
    const [inviter, recipient] = await stack().newMembers(2);
    await stack().ask(stack().send(inviter!, recipient!));
    await stack().untilMailed([recipient!]);
    const mail = stack().deployed.smtp.mails.find((one) => one.includes(`${recipient!}@network.example`))!;
    const [, token] = /^List-Unsubscribe:\s*<[^>]*\/l\/([^>]+)>/im.exec(mail.replaceAll(/\r\n[ \t]+/g, ''))!;
    const env = {
      LINK_KEYS,
      NOTIFICATION_URL: stack().deployed.url('notification'),
      RATE_LINK_ADDRESS: '5/PT1M',
      TRUST_PROXY: '127.0.0.1',
    };
    await stack().withApp('api', env, async () => {
      const press = (link: string, client: string) =>
        fetch(`${stack().deployed.api}/l/${link}`, {
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-forwarded-for': client },
          body: 'List-Unsubscribe=One-Click',
        });
      for (let n = 0; n < 20; n += 1) await press(`made-up-${n}`, `203.0.113.7:${40_000 + n}`);
      // The limit does not apply to the client's address either, because an invalid token consumes nothing that is
      // shared.
      expect((await press(token!, '203.0.113.7')).status).toBe(200);
      for (let n = 0; n < 8; n += 1) await press(token!, `203.0.113.7:${50_000 + n}`);
      expect((await press(token!, '203.0.113.7:60000')).status).toBe(429);
      expect((await press(token!, '203.0.113.8')).status).toBe(200);
    });
  });

  it('stores no more refusals of a member than the daily limit', async () => {
    const [member] = await stack().newMembers(1);
    await stack().withApp('api', { RATE_REFUSALS: '3/P1D' }, async () => {
      const statuses: number[] = [];
      for (let n = 0; n < 8; n += 1) {
        const id = `${member!}x.${randomUUID()}`;
        statuses.push((await stack().request(member!, 'POST', `/v1/invitations/${id}/accept`)).status);
      }
      expect(statuses).toEqual([404, 404, 404, 429, 429, 429, 429, 429]);
    });
    const { rows } = await stack().deployed.pool.query(
      'SELECT FROM read_models.command_outcomes WHERE actor_id = $1',
      [member],
    );
    expect(rows).toHaveLength(3);
  });

  it('rejects requests for e-mail preferences without the secret', async () => {
    const [member] = await stack().newMembers(1);
    const secret = 'a-secret-of-more-than-thirty-two-characters';
    await stack().withApp('notification', { INTERNAL_SECRETS: secret }, async () => {
      const ask = (authorization: string) =>
        fetch(`${stack().deployed.url('notification')}/internal/members/${member!}/email-preferences`, {
          headers: { authorization },
        });
      expect((await ask('')).status).toBe(401);
      expect((await ask('Bearer another')).status).toBe(401);
      expect((await ask(`Bearer ${secret}`)).status).toBe(200);
    });
  });

  it.each(['package.json', 'LICENSE', 'swagger-ui.js.map', 'index.html', '%2e%2e/package.json'])(
    'serves no files of the package behind /docs except those that the page needs: %s',
    async (file) => {
      const { status } = await fetch(`${stack().deployed.api}/docs/${file}`);
      expect(status).toBe(404);
    },
  );
}

/** Ends all connections, so that every app opens new ones with the database's settings. */
const closeSessions = ({ deployed }: HostileStack) =>
  deployed.pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid()`,
  );
