import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { Client } from 'pg';
import { PARTITIONS, TOPICS } from '#libs/contracts';
import { createKafka, ensureTopics } from '#libs/kafka';
import { createLogger } from '#libs/platform';
import { findFreePort } from '../../support/ports.js';
import { until } from '../../support/until.js';
import { startChild, type Child } from '../support/child.js';
import { startServers } from '../support/servers.js';

const ISSUER = 'https://sign-in.example';
export const MEMBERS = 200;
export const RECIPIENTS = 1_000;
/** The number of items on a page. */
const INBOX_ITEMS = 30;

/** The api and the command app on development servers, and the constant server beside them. */
export interface BenchHarness {
  readonly api: string;
  readonly constant: string;
  /** The address of the database. */
  readonly postgres: string;
  readonly members: readonly string[];
  /** Of the members. */
  readonly tokens: readonly string[];
  /** Process ids by the names in the report. */
  readonly pids: Readonly<Record<'constant' | 'api' | 'PostgreSQL', number>>;
  stop(): Promise<void>;
}

const member = (n: number): string => `member-${n}`;

async function fill(url: string): Promise<void> {
  const db = new Client(url);
  await db.connect();
  const people = [
    ...Array.from({ length: MEMBERS }, (_, n) => member(n)),
    ...Array.from({ length: RECIPIENTS }, (_, n) => `recipient-${n}`),
  ];
  await db.query(
    `INSERT INTO read_models.members
     SELECT id, 'Name of ' || id, 'Headline', 'https://network.example/in/' || id, id || '@network.example', true
     FROM unnest($1::text[]) AS given (id)`,
    [people],
  );
  await db.query(
    `INSERT INTO read_models.inbox
     SELECT 'recipient-' || item || '.' || gen_random_uuid(), 'recipient-' || item, 'member-' || member,
       'We met at the conference in May; I would like to stay in touch.', now() - item * interval '1 hour'
     FROM generate_series(0, $1) AS member, generate_series(1, $2) AS item`,
    [MEMBERS - 1, INBOX_ITEMS],
  );
  await db.query('ANALYZE');
  await db.end();
}

export async function openBenchHarness(): Promise<BenchHarness> {
  const servers = await startServers();
  const dir = await mkdtemp(join(tmpdir(), 'bench-http-'));
  await fill(servers.postgres);
  const kafka = createKafka({ brokers: servers.kafka, clientId: 'bench' }, createLogger('bench', 'silent'));
  const topics = [TOPICS.commands, TOPICS.deadLetters].map((topic) => ({ topic, numPartitions: PARTITIONS }));
  await ensureTopics(kafka, topics);
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { extractable: true });
  const jwks = join(dir, 'jwks.json');
  await writeFile(
    jwks,
    JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'EdDSA' }] }),
  );
  const token = (sub: string) =>
    new SignJWT({ sub })
      .setProtectedHeader({ alg: 'EdDSA', kid: 'k1' })
      .setIssuer(ISSUER)
      .setAudience('invitations')
      .setExpirationTime('1d')
      .sign(privateKey);
  const members = Array.from({ length: MEMBERS }, (_, n) => member(n));
  const tokens = await Promise.all(members.map(token));

  const [port, health, constantPort] = [await findFreePort(), await findFreePort(), await findFreePort()];
  const common = { KAFKA_BROKERS: servers.kafka, DATABASE_URL: servers.postgres, LOG_LEVEL: 'warn' };
  const rates = ['ADDRESS', 'MEMBER'].map((name) => [`RATE_${name}`, 'none']);
  const children: Child[] = [
    startChild('apps/command/src/main.js', {
      ...common,
      EVENTSTORE_URL: servers.eventStore,
      HEALTH_PORT: String(health),
      INVITATION_LIMIT: '1000000',
    }),
    startChild('apps/api/src/main.js', {
      ...common,
      ...(Object.fromEntries(rates) as Record<string, string>),
      // The limit is checked as in a deployment, but never reached.
      RATE_SEND: '1000000/PT1H',
      HOST: '127.0.0.1',
      PORT: String(port),
      PUBLIC_URL: 'https://invitations.example',
      INSTANCE_ID: 'bench',
      AUTH_ISSUER: ISSUER,
      AUTH_AUDIENCE: 'invitations',
      AUTH_JWKS: jwks,
    }),
  ];
  const api = `http://127.0.0.1:${port}`;
  for (const url of [api, `http://127.0.0.1:${health}`]) {
    const ready = () =>
      fetch(`${url}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      );
    await until(ready, 300_000, `${url} to be ready`);
  }
  const inbox = await fetch(`${api}/v1/inbox`, { headers: { authorization: `Bearer ${tokens[0]}` } });
  if (!inbox.ok) throw new Error(`the inbox answered ${inbox.status}`);
  const BODY = await inbox.text();
  const plain = startChild('test/perf/http/constant.main.js', { PORT: String(constantPort), BODY });
  const pids = { constant: plain.pid, api: children[1]!.pid, PostgreSQL: servers.pids.PostgreSQL };
  children.push(plain);
  const constant = `http://127.0.0.1:${constantPort}`;
  await until(
    () =>
      fetch(`${constant}/v1/inbox`).then(
        ({ ok }) => ok,
        () => false,
      ),
    60_000,
    'the constant',
  );
  return {
    api,
    constant,
    postgres: servers.postgres,
    members,
    tokens,
    pids,
    async stop() {
      await Promise.all(children.map((child) => child.stop()));
      await servers.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
