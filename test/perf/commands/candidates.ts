import { randomUUID } from 'node:crypto';
import { TOPICS } from '#libs/contracts';
import { NAIVE_GROUP, NAIVE_TOPIC } from '../naive/topic.js';
import { imageFlags } from '../support/image-flags.js';
import type { Stretch } from '../support/meter.js';
import { workOff, type Candidate } from './backlog.js';
import { runAlone } from './alone.js';
import { REPLIES, type BenchHarness } from './bench-harness.js';
import { uncounted } from './warm-up.js';
import {
  allDifferent,
  commandMessage,
  ofAccounts,
  ofFewAccounts,
  recipient,
  type Sending,
} from './workload.js';

/** Accounts that fit into the cache, and commands for each. The first commands are not counted. */
const WARM_ACCOUNTS = 3_000;
const A_FEW_EACH = 8;

export const APP: Candidate = {
  main: 'apps/command/src/main.js',
  groupId: 'command',
  topic: TOPICS.commands,
  env: { HEALTH_PORT: '0' },
  flags: imageFlags(),
};

/** The same app, which encrypts the texts. */
const ENCRYPTING: Candidate = {
  ...APP,
  env: { ...APP.env, TEXT_KEYS: `bench:${Buffer.alloc(32, 1).toString('base64url')}` },
};

const NAIVE: Candidate = {
  main: 'test/perf/naive/naive.main.js',
  groupId: NAIVE_GROUP.actual,
  topic: NAIVE_TOPIC,
  env: {},
};

/** One run of each candidate. `round` makes the accounts of each run new. */
export const CANDIDATES = {
  raw: ({ servers }, round, { count }) =>
    runAlone(servers, 'test/perf/commands/raw.main.js', `raw${round}`, count),
  different: (harness, round, { count }) => app(harness, [...allDifferent(`different${round}`, count)]),
  'different, answered': (harness, round, { count }) =>
    app(harness, [...allDifferent(`answered${round}`, count)], APP, REPLIES),
  'different, encrypted': (harness, round, { count }) =>
    app(harness, [...allDifferent(`encrypted${round}`, count)], ENCRYPTING),
  many: (harness, round, { count }) => app(harness, [...ofFewAccounts(`many${round}`, count)]),
  'many, answered': (harness, round, { count }) =>
    app(harness, [...ofFewAccounts(`manyanswered${round}`, count)], APP, REPLIES),
  'many, encrypted': (harness, round, { count }) =>
    app(harness, [...ofFewAccounts(`manyencrypted${round}`, count)], ENCRYPTING),
  async 'known, cold'(harness, round, { count }) {
    const before = [...allDifferent(`different${round}`, count)];
    await project(harness, before);
    return app(harness, again(before));
  },
  'known, warm': (harness, round, { count }) =>
    app(harness, ofWarmAccounts(`warm${round}`, Math.min(count, WARM_ACCOUNTS * A_FEW_EACH))),
  async naive({ servers, broker }, round, { naiveCount }) {
    await broker.publish(NAIVE.topic, allDifferent(`naive${round}`, naiveCount), commandMessage);
    return workOff(servers, broker, NAIVE, naiveCount, uncounted(naiveCount));
  },
  emmett: ({ servers }, round, { count }) =>
    runAlone(servers, 'test/perf/commands/emmett.main.js', `emmett${round}`, emmettCount(count)),
  async 'emmett, PostgreSQL'({ servers, db }, round, { count }) {
    const database = `emmett${round}`;
    const postgres = new URL(database, servers.postgres).href;
    await db.query(`CREATE DATABASE ${database}`);
    const main = 'test/perf/commands/emmett-pg.main.js';
    const stretch = await runAlone({ ...servers, postgres }, main, database, emmettCount(count));
    await db.query(`DROP DATABASE ${database}`);
    return stretch;
  },
} satisfies Record<string, (harness: BenchHarness, round: number, counts: Counts) => Promise<Stretch>>;

/** Emmett handles fewer commands a second: a quarter of them takes it about as long as all of them take the others. */
const emmettCount = (count: number): number => Math.ceil(count / 4);

export type Name = keyof typeof CANDIDATES;

/** Commands of one run. */
export interface Counts {
  readonly count: number;
  /** Commands of one run of the naive app, which is slow. */
  readonly naiveCount: number;
}

async function app(
  { servers, broker }: BenchHarness,
  sendings: readonly Sending[],
  candidate = APP,
  replyTo?: string,
): Promise<Stretch> {
  await broker.publish(candidate.topic, sendings, (sending) => commandMessage(sending, replyTo));
  return workOff(servers, broker, candidate, sendings.length, uncounted(sendings.length));
}

const ofWarmAccounts = (run: string, count: number): Sending[] =>
  ofAccounts(run, Math.ceil(count / A_FEW_EACH), count);

/** The same accounts, each with another recipient. */
const again = (sendings: readonly Sending[]): Sending[] =>
  sendings.map(({ inviterId }, n) => ({ inviterId, recipientId: recipient(n + 1) }));

/** Inserts what the projector would have written. No projector runs, because it would use CPU time. */
async function project({ db }: BenchHarness, sendings: readonly Sending[]): Promise<void> {
  await db.query(
    `INSERT INTO read_models.account_state (key, revision, state)
     SELECT id, 0, $2 FROM unnest($1::text[]) AS given (id)`,
    [
      sendings.map(({ inviterId }) => inviterId),
      { fold: 2, eventId: randomUUID(), sent: 1, restricted: false, declinedBy: [] },
    ],
  );
}
