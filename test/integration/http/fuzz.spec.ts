import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { parseLinkKeys, signLink } from '#libs/mail';
import { listen } from '../../../libs/dev-servers/src/process/listen.js';
import { SeededRandom } from '../../support/seeded-random.js';
import { FuzzRequests, type FuzzRequest } from './fuzz-requests.js';
import { startStubCommandApp } from './stub-command-app.js';
import { startService, type Service } from './service.js';

const COUNT = Number(process.env['FUZZ_REQUESTS'] ?? (process.env['TEST_TIER'] === 'short' ? 1_000 : 3_000));
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_260_101);
const LANES = 16;
/** The share of requests whose bytes are broken. */
const BROKEN_SHARE = 0.1;
/** Longer than the api allows any request to take. */
const HANGS_AFTER_MS = 20_000;

const PREFERENCES = { all: true, invitations: true, reminders: true, acceptances: true, replies: true };
const LINK_KEYS = `k1:${Buffer.alloc(32, 1).toString('base64url')}`;

/** A fake of the notification app, which stores the preferences. */
const keeper = createServer((asked, answer) => {
  asked
    .resume()
    .on('end', () => answer.setHeader('content-type', 'application/json').end(JSON.stringify(PREFERENCES)));
});
const agent = new Agent({ keepAlive: true, maxSockets: LANES });

let service: Service;
let fuzz: FuzzRequests;
let port: number;
let decider: { stop(): Promise<void> } | undefined;
const random = new SeededRandom(SEED);

beforeAll(async () => {
  const NOTIFICATION_URL = `http://127.0.0.1:${await listen(keeper)}`;
  const none = Object.fromEntries(
    [
      'ADDRESS',
      'MEMBER',
      'SEND',
      'WRONG_EMAIL',
      'WRONG_EMAIL_RECIPIENT',
      'REFUSALS',
      'LINK_ADDRESS',
      'LINK',
    ].map((name) => [`RATE_${name}`, 'none']),
  );
  const env = {
    ...none,
    NOTIFICATION_URL,
    LINK_KEYS,
    // Long, because on a busy machine a slow component would count as an outage.
    COMMAND_TIMEOUT: 'PT15S',
    DATABASE_TIMEOUT: 'PT15S',
    NOTIFICATION_TIMEOUT: 'PT15S',
    CORS_ORIGINS: 'https://app.example',
  };
  service = await startService({ commandApp: false, env });
  decider = await startStubCommandApp(service.brokers);
  port = Number(new URL(service.url).port);
  const db = new Client(service.databaseUrl);
  await db.connect();
  await db.query(
    `INSERT INTO read_models.members VALUES ('ann', '<b>Ann</b>', '"><script>', 'javascript:alert(1)', 'ann@network.example', true)`,
  );
  const id = 'ann.00000000-0000-4000-8000-00000000000a';
  await db.query(`INSERT INTO read_models.inbox VALUES ('${id}', 'ann', 'bob', '<i>', now())`);
  await db.query(`INSERT INTO read_models.archive VALUES ('${id}', 'ann', 'bob', '<i>', now(), true)`);
  await db.query(`INSERT INTO read_models.sent VALUES ('${id}', 'ann', 'bob', '<i>', now(), 'pending')`);
  await db.end();
  const keys = parseLinkKeys(LINK_KEYS);
  const expiresAt = new Date(Date.now() + 7_200_000);
  const claims = { memberId: 'bob', expiresAt };
  const links = [
    signLink(keys, { ...claims, purpose: 'accept', invitationId: id }),
    signLink(keys, { ...claims, purpose: 'preferences' }),
    signLink(keys, { ...claims, purpose: 'unsubscribe', kind: 'reminders' }),
    signLink(keys, { ...claims, purpose: 'unsubscribe', expiresAt: new Date(0) }),
  ];
  const tokens = [
    await service.token('ann'),
    await service.token('bob'),
    await service.token('olga', 'operator'),
  ];
  fuzz = new FuzzRequests(random, { tokens, links });
}, 300_000);
afterAll(async () => {
  agent.destroy();
  keeper.closeAllConnections();
  keeper.close();
  await decider?.stop();
  await service?.stop();
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

async function send({ method, path, headers, body }: FuzzRequest): Promise<Answer> {
  const length = body === undefined ? {} : { 'content-length': String(body.length) };
  const call = request({ host: '127.0.0.1', port, agent, method, path, headers: { ...headers, ...length } });
  // A request that is rejected early may not be read to its end.
  call.on('error', () => undefined);
  const answered = once(call, 'response') as Promise<[import('node:http').IncomingMessage]>;
  call.end(body);
  const [response] = await answered;
  return {
    status: response.statusCode!,
    headers: response.headers,
    body: (await buffer(response)).toString(),
  };
}

/** Sends bytes only. Returns the first response, or undefined if the connection just ends. */
async function sendBytes(bytes: Buffer): Promise<Answer | undefined> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.end(bytes);
  const received = await buffer(socket).catch(() => Buffer.alloc(0));
  const headLength = received.indexOf('\r\n\r\n');
  const head = received.subarray(0, headLength).toString();
  const [line = '', ...rest] = head.split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(line)?.[1]);
  if (received.length === 0) return undefined;
  const headers = Object.fromEntries(
    rest.map((header) => [header.split(':')[0]!.toLowerCase(), header.slice(header.indexOf(':') + 1).trim()]),
  );
  // After a response to HEAD, the next bytes are the next response: to the remaining bytes of the request.
  const length = /^\s*HEAD /.test(bytes.toString('latin1')) ? 0 : Number(headers['content-length'] ?? 0);
  const start = headLength + '\r\n\r\n'.length;
  return { status, headers, body: received.subarray(start, start + length).toString() };
}

/** Checks a response against the general rules. @returns what is wrong with it */
function wrongWith({ status, headers, body }: Answer): string | undefined {
  if (!(status >= 200 && status < 500)) return `status ${status}`;
  const type = String(headers['content-type'] ?? '').split(';')[0]!;
  if (status === 204 || status === 303 || status === 304 || status === 302 || status === 301)
    return undefined;
  if (headers['x-content-type-options'] !== 'nosniff') return 'no nosniff';
  if (headers['server'] !== undefined || headers['x-powered-by'] !== undefined) return 'names its server';
  if (headers['set-cookie']?.includes('x=1')) return 'a header that the caller has written';
  if (status >= 400 && type !== 'application/problem+json' && type !== 'text/html')
    return `${status} as ${type}`;
  if (/<script>|<b>Ann|<i>|href="javascript:/.test(body) && type === 'text/html' && !body.includes('swagger'))
    return 'HTML of a member';
  if (!type.endsWith('json') || body === '') return undefined;
  try {
    const value = JSON.parse(body) as { code?: unknown; status?: unknown };
    if (status >= 400 && (value.status !== status || typeof value.code !== 'string')) return 'no problem';
  } catch {
    return 'no JSON';
  }
  return undefined;
}

const inTime = <T>(work: Promise<T>): Promise<T | 'hangs'> =>
  Promise.race([work, sleep(HANGS_AFTER_MS, 'hangs' as const, { ref: false })]);

describe('the api, requested at random', () => {
  it(
    `responds to ${COUNT} requests as documented (FUZZ_SEED=${SEED})`,
    async () => {
      const statuses: Record<string, number> = {};
      const failures: string[] = [];
      let left = COUNT;
      const lane = async () => {
        while (left > 0 && failures.length === 0) {
          left -= 1;
          const wanted = fuzz.next();
          const bytes = random.next() < BROKEN_SHARE ? fuzz.broken(wanted) : undefined;
          const answer = await inTime(bytes === undefined ? send(wanted) : sendBytes(bytes)).catch(
            (error: unknown) => String(error),
          );
          const status = typeof answer === 'object' ? String(answer.status) : 'closed';
          statuses[status] = (statuses[status] ?? 0) + 1;
          const wrong = typeof answer === 'string' ? answer : answer && wrongWith(answer);
          if (wrong === undefined) continue;
          const asked =
            bytes?.toString('latin1') ?? JSON.stringify({ ...wanted, body: wanted.body?.toString('latin1') });
          failures.push(`${wrong}: ${asked.slice(0, 3_000)}\n→ ${JSON.stringify(answer)?.slice(0, 1_500)}`);
        }
      };
      const since = performance.now();
      await Promise.all(Array.from({ length: LANES }, lane));
      const seconds = (performance.now() - since) / 1_000;
      expect(failures).toEqual([]);
      // If all requests were rejected early, the test would prove nothing.
      expect(Number(statuses['200'])).toBeGreaterThan(COUNT / 50);
      expect(Number(statuses['201'])).toBeGreaterThan(COUNT / 1_000);
      expect(Number(statuses['303'])).toBeGreaterThan(COUNT / 1_000);
      expect((await fetch(`${service.url}/healthz`)).status).toBe(200);
      expect(service.api.ended).toBeUndefined();
      const complaints = service.api.output
        .split('\n')
        .filter((line) => line !== '' && !/"level":"(?:info|warn)"/.test(line));
      expect(complaints).toEqual([]);
      // A caller's mistakes must not fill the log; only the first forwarded address is logged.
      const warnings = service.api.output.split('\n').filter((line) => line.includes('"level":"warn"'));
      expect(warnings.filter((line) => !line.includes('X-Forwarded-For was ignored'))).toEqual([]);
      expect(warnings.length).toBeLessThanOrEqual(1);
      expect(service.api.output.split('\n').filter((line) => line.includes('@network.example'))).toEqual([]);
      if (COUNT > 3_000)
        console.log(`${COUNT} requests in ${seconds.toFixed(0)} s: ${JSON.stringify(statuses)}`);
    },
    COUNT * 100 + 120_000,
  );
});
