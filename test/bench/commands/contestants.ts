import { TOPICS } from '#libs/contracts';
import { NAIVE_GROUP, NAIVE_TOPIC } from '../naive/topic.js';
import { imageFlags } from '../support/image-flags.js';
import type { Stretch } from '../support/meter.js';
import { workOff, type Contestant } from './backlog.js';
import { runRaw } from './raw.js';
import { REPLIES, type Setting } from './setting.js';
import { uncounted } from './warm-up.js';
import {
  allDifferent,
  commandMessage,
  ofAccounts,
  ofFewAccounts,
  recipient,
  type Sending,
} from './workload.js';

/** Accounts that the cache holds, and commands of each; the first of them are not counted. */
const WARM_ACCOUNTS = 3_000;
const A_FEW_EACH = 8;

export const APP: Contestant = {
  main: 'apps/command/src/main.js',
  groupId: 'command',
  topic: TOPICS.commands,
  env: { HEALTH_PORT: '0' },
  flags: imageFlags(),
};

const NAIVE: Contestant = {
  main: 'test/bench/naive/naive.main.js',
  groupId: NAIVE_GROUP.actual,
  topic: NAIVE_TOPIC,
  env: {},
};

/** One run each. `round` makes accounts of one's own, for what is new can be new only once. */
export const CONTESTANTS = {
  raw: ({ servers }, round, { count }) => runRaw(servers, `raw${round}`, count),
  different: (setting, round, { count }) => app(setting, [...allDifferent(`different${round}`, count)]),
  'different, answered': (setting, round, { count }) =>
    app(setting, [...allDifferent(`answered${round}`, count)], REPLIES),
  many: (setting, round, { count }) => app(setting, [...ofFewAccounts(`many${round}`, count)]),
  'many, answered': (setting, round, { count }) =>
    app(setting, [...ofFewAccounts(`manyanswered${round}`, count)], REPLIES),
  async 'known, cold'(setting, round, { count }) {
    const before = [...allDifferent(`different${round}`, count)];
    await project(setting, before);
    return app(setting, again(before));
  },
  'known, warm': (setting, round, { count }) =>
    app(setting, ofWarmAccounts(`warm${round}`, Math.min(count, WARM_ACCOUNTS * A_FEW_EACH))),
  async naive({ servers, broker }, round, { naiveCount }) {
    await broker.publish(NAIVE.topic, allDifferent(`naive${round}`, naiveCount), commandMessage);
    return workOff(servers, broker, NAIVE, naiveCount, uncounted(naiveCount));
  },
} satisfies Record<string, (setting: Setting, round: number, counts: Counts) => Promise<Stretch>>;

export type Name = keyof typeof CONTESTANTS;

/** Commands a run. */
export interface Counts {
  readonly count: number;
  /** Of the naive app, which takes its time. */
  readonly naiveCount: number;
}

async function app(
  { servers, broker }: Setting,
  sendings: readonly Sending[],
  replyTo?: string,
): Promise<Stretch> {
  await broker.publish(APP.topic, sendings, (sending) => commandMessage(sending, replyTo));
  return workOff(servers, broker, APP, sendings.length, uncounted(sendings.length));
}

const ofWarmAccounts = (run: string, count: number): Sending[] =>
  ofAccounts(run, Math.ceil(count / A_FEW_EACH), count);

/** The same accounts, each to another recipient. */
const again = (sendings: readonly Sending[]): Sending[] =>
  sendings.map(({ inviterId }, n) => ({ inviterId, recipientId: recipient(n + 1) }));

/** What the projector would have written by now: no projector runs here, it would take its share of the machine. */
async function project({ db }: Setting, sendings: readonly Sending[]): Promise<void> {
  await db.query(
    `INSERT INTO read_models.sent (invitation_id, inviter_id, recipient_id, sent_at, status)
     SELECT id || '.sent', id, 'recipient-0', now(), 'pending' FROM unnest($1::text[]) AS given (id)`,
    [sendings.map(({ inviterId }) => inviterId)],
  );
}
