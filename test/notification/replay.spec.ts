import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TOPICS } from '../../libs/contracts/src/index.js';
import { messageIdOf } from '../../libs/mail/src/index.js';
import type { Incoming } from '../../libs/kafka/src/index.js';
import { until } from '../support/until.js';
import type { AppProcess } from './app-process.js';
import { accepted, event, invitationId, profile, reminderDue, replied, sent } from './messages.js';
import { ProcessWorld } from './process-world.js';

const SIDE = 20;
const inviter = (n: number): string => `inviter-${n % SIDE}`;
const recipient = (n: number): string => `recipient-${Math.floor(n / SIDE)}`;

/** Each about a pair of its own, so that none forbids another; the last two have one id and one recipient. */
function events(): Incoming[] {
  const makers = [sent, reminderDue, replied, accepted];
  const all = Array.from({ length: SIDE * SIDE - 1 }, (_, n) => makers[n % 4]!(inviter(n), recipient(n)));
  const last = SIDE * SIDE - 1;
  const [inviterId, recipientId, id] = [inviter(last), recipient(last), randomUUID()];
  const data = {
    invitationId: invitationId(inviterId),
    inviterId,
    recipientId,
    at: '2026-03-01T00:00:00.000Z',
  };
  return [
    ...all,
    event(TOPICS.replied, 'invitations.replied.v1', inviterId, { ...data, message: 'Hello' }, id),
    event(TOPICS.accepted, 'invitations.accepted.v1', inviterId, { ...data, via: 'site' }, id),
  ];
}
const COUNT = SIDE * SIDE + 1;

/** When the app is killed, seen from a mail whose text the server has: it may say so, and the app may hear it, or not. */
const MOMENTS: Record<string, (app: AppProcess, answer: () => void) => void> = {
  'before the answer': (app) => app.kill(),
  'with the answer': (app, answer) => {
    answer();
    app.kill();
  },
  'soon after the answer': (app, answer) => {
    answer();
    setTimeout(() => app.kill(), Math.random() * 30);
  },
};

/** What takes longer than this hangs, also on a busy machine. */
const PATIENCE_MS = 90_000;

interface Row {
  readonly messageId: string;
  readonly state: string;
}

describe('the group back at the beginning, and kill -9 around SMTP', () => {
  let world: ProcessWorld;
  /** Message-IDs, as they came. */
  let arrived: string[];

  beforeAll(async () => {
    world = await ProcessWorld.start();
    const members = Array.from({ length: SIDE }, (_, n) => [`inviter-${n}`, `recipient-${n}`]).flat();
    await world.publish([...members.map((id) => profile(id)), ...events()]);
  });
  afterAll(() => world.stop(), 60_000);

  const arrivalOf = (mail: string) => arrived.push(/^Message-ID:\s+(\S+)/m.exec(mail)![1]!);

  async function rows(): Promise<Row[]> {
    const { rows: found } = await world.pool.query<Parameters<typeof messageIdOf>[0] & { state: string }>(
      `SELECT event_id AS "eventId", recipient_id AS "recipientId", kind, invitation_id AS "invitationId", state
       FROM notification.deliveries`,
    );
    return found.map((row) => ({ state: row.state, messageId: messageIdOf(row, 'network.example') }));
  }
  const inState = async (...states: string[]) =>
    new Set((await rows()).filter(({ state }) => states.includes(state)).map(({ messageId }) => messageId));

  /** Starts the app and kills it at a mail, after some that went well. */
  async function runUntilKilled(env: Record<string, string>, moment: keyof typeof MOMENTS): Promise<void> {
    const app = world.app(env);
    let left = 3 + Math.floor(Math.random() * 25);
    let isOver = false;
    world.smtp.atMail = (mail, answer) => {
      arrivalOf(mail);
      left -= 1;
      // Slow, so that there are always some of which the server has the text.
      if (left > 0 || isOver) void sleep(Math.random() * 15).then(answer);
      else {
        isOver = true;
        MOMENTS[moment]!(app, answer);
      }
    };
    await Promise.race([
      app.end,
      sleep(PATIENCE_MS, undefined, { ref: false }).then(() => {
        throw new Error(`not killed: ${app.output}`);
      }),
    ]).finally(() => app.kill());
    // What it had asked of the database before it died may still be done: then its sessions end.
    const sessions = async () =>
      (await world.pool.query(`SELECT FROM pg_stat_activity WHERE application_name = 'notification'`))
        .rowCount;
    await until(async () => (await sessions()) === 0, PATIENCE_MS, 'its database sessions have ended');
  }

  /** To the end, without any trouble. */
  async function runToTheEnd(env: Record<string, string>): Promise<void> {
    world.smtp.atMail = (mail, answer) => {
      arrivalOf(mail);
      answer();
    };
    const app = world.app(env);
    const done = async () =>
      (await rows()).length === COUNT && (await inState('queued', 'sending')).size === 0;
    await until(done, PATIENCE_MS, () => `everything settled: ${app.output}`);
    await until(async () => (await world.lag()) === 0, PATIENCE_MS, 'all offsets committed');
    expect(await app.stop()).toBe(0);
  }

  it.each([
    { policy: 'keep', resets: 3 },
    { policy: 'resend', resets: 1 },
  ])(
    'UNCLEAR_DELIVERY=$policy: what is recorded as sent never goes out again',
    async ({ policy, resets }) => {
      await world.pool.query('TRUNCATE notification.deliveries');
      await world.resetOffsets();
      arrived = [];
      const env = { UNCLEAR_DELIVERY: policy, DELIVERY_CLAIM: 'PT2S' };
      const interrupted = new Set<string>();
      const again: string[] = [];
      const looks: { sent: Set<string>; before: number }[] = [];
      const moments = Object.keys(MOMENTS);
      for (let reset = 0; reset < resets; reset += 1) {
        for (const moment of [moments[reset % 3]!, moments[(reset + 1) % 3]!]) {
          await runUntilKilled(env, moment);
          for (const messageId of await inState('sending')) interrupted.add(messageId);
          looks.push({ sent: await inState('sent'), before: arrived.length });
        }
        await world.resetOffsets();
      }
      await runToTheEnd(env);

      for (const { sent: wasSent, before } of looks) {
        again.push(...arrived.slice(before).filter((messageId) => wasSent.has(messageId)));
      }
      expect(again).toEqual([]);
      expect(interrupted.size).toBeGreaterThan(0);
      // One row for each event, recipient and kind, and each was either sent or is in doubt.
      const ledger = await rows();
      expect(new Set(ledger.map(({ messageId }) => messageId)).size).toBe(COUNT);
      const unknown = await inState('unknown');
      expect((await inState('sent')).size + unknown.size).toBe(COUNT);
      const times = Map.groupBy(arrived, (messageId) => messageId);
      const timesOf = (messageId: string) => times.get(messageId)?.length ?? 0;
      // Only what was interrupted may be in doubt, or have come twice; which of the two is the policy.
      const twice = ledger
        .filter(({ messageId }) => timesOf(messageId) > 1)
        .map(({ messageId }) => messageId);
      const [allowed, forbidden] = policy === 'keep' ? [unknown, new Set(twice)] : [new Set(twice), unknown];
      expect([...allowed].filter((messageId) => !interrupted.has(messageId))).toEqual([]);
      expect([...forbidden]).toEqual([]);
      expect(unknown.size > 0).toBe(policy === 'keep');
      const never = ledger.filter(({ messageId, state }) => state === 'sent' && timesOf(messageId) === 0);
      expect(never).toEqual([]);
    },
    10 * PATIENCE_MS,
  );
});
