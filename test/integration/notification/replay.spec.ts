import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TOPICS } from '#libs/contracts';
import { formatMessageId } from '#libs/mail';
import type { ConsumedMessage } from '#libs/kafka';
import { until } from '../../support/until.js';
import { accepted, event, invitationId, profile, reminderDue, replied, sent } from './messages.js';
import type { AppProcess } from '../../support/app-process.js';
import { ProcessHarness } from './process-harness.js';

const SIDE = 20;
const inviter = (n: number): string => `inviter-${n % SIDE}`;
const recipient = (n: number): string => `recipient-${Math.floor(n / SIDE)}`;

/**
 * Each event is about a different pair, so that none suppresses another. The last two have the same id and recipient.
 */
function events(): ConsumedMessage[] {
  const makers = [sent, reminderDue, replied, accepted];
  const all = Array.from({ length: SIDE * SIDE - 1 }, (_, n) => makers[n % 4]!(inviter(n), recipient(n)));
  const last = SIDE * SIDE - 1;
  const [inviterId, recipientId, id] = [inviter(last), recipient(last), randomUUID()];
  const data = {
    invitationId: invitationId(inviterId),
    inviterId,
    recipientId,
    at: new Date().toISOString(),
  };
  return [
    ...all,
    event(TOPICS.replied, 'invitations.replied.v1', inviterId, { ...data, message: 'Hello' }, id),
    event(TOPICS.accepted, 'invitations.accepted.v1', inviterId, { ...data, via: 'site' }, id),
  ];
}
const COUNT = SIDE * SIDE + 1;

/** When the app is killed, relative to the server's reply to an e-mail that it has received. */
const MOMENTS: Record<string, (app: AppProcess, reply: () => void) => void> = {
  'before the reply': (app) => app.signal('SIGKILL'),
  'with the reply': (app, reply) => {
    reply();
    app.signal('SIGKILL');
  },
  'soon after the reply': (app, reply) => {
    reply();
    setTimeout(() => app.signal('SIGKILL'), Math.random() * 30);
  },
};

/** Longer than any step takes on a busy machine. */
const PATIENCE_MS = 90_000;

interface Row {
  readonly messageId: string;
  readonly state: string;
}

describe('the notification app after kill -9 during SMTP and with its offsets reset', () => {
  let harness: ProcessHarness;
  /** Message-IDs in the order in which the e-mails arrived. */
  let arrived: string[];

  beforeAll(async () => {
    harness = await ProcessHarness.start();
    const members = Array.from({ length: SIDE }, (_, n) => [`inviter-${n}`, `recipient-${n}`]).flat();
    await harness.publish([...members.map((id) => profile(id)), ...events()]);
  });
  afterAll(() => harness.stop(), 60_000);

  const recordArrival = (mail: string) => arrived.push(/^Message-ID:\s+(\S+)/m.exec(mail)![1]!);

  async function rows(): Promise<Row[]> {
    const { rows: found } = await harness.pool.query<
      Parameters<typeof formatMessageId>[0] & { state: string }
    >(
      `SELECT event_id AS "eventId", recipient_id AS "recipientId", kind, invitation_id AS "invitationId", state
       FROM notification.deliveries`,
    );
    return found.map((row) => ({ state: row.state, messageId: formatMessageId(row, 'network.example') }));
  }
  const inState = async (...states: string[]) =>
    new Set((await rows()).filter(({ state }) => states.includes(state)).map(({ messageId }) => messageId));

  /** Starts the app, and kills it at an e-mail after a random number of others. */
  async function runUntilKilled(env: Record<string, string>, moment: keyof typeof MOMENTS): Promise<void> {
    const app = harness.startApp(env);
    let left = 3 + Math.floor(Math.random() * 25);
    let isOver = false;
    harness.smtp.onMail = (mail, reply) => {
      recordArrival(mail);
      left -= 1;
      // Slow, so that the app has always some e-mails in transfer.
      if (left > 0 || isOver) void sleep(Math.random() * 15).then(reply);
      else {
        isOver = true;
        MOMENTS[moment]!(app, reply);
      }
    };
    await Promise.race([
      app.exited,
      sleep(PATIENCE_MS, undefined, { ref: false }).then(() => {
        throw new Error(`not killed: ${app.output}`);
      }),
    ]).finally(() => app.signal('SIGKILL'));
    // The database may still run the last statements of the dead process; then its sessions end.
    const sessions = async () =>
      (
        await harness.pool.query(
          `SELECT FROM pg_stat_activity WHERE application_name = 'notification' AND datname = current_database()`,
        )
      ).rowCount;
    await until(async () => (await sessions()) === 0, PATIENCE_MS, 'its database sessions have ended');
  }

  /** Lets the app complete all deliveries without being killed. */
  async function runToTheEnd(env: Record<string, string>): Promise<void> {
    harness.smtp.onMail = (mail, reply) => {
      recordArrival(mail);
      reply();
    };
    const app = harness.startApp(env);
    const done = async () =>
      (await rows()).length === COUNT && (await inState('queued', 'sending')).size === 0;
    await until(done, PATIENCE_MS, () => `everything settled: ${app.output}`);
    await until(async () => (await harness.lag()) === 0, PATIENCE_MS, 'all offsets committed');
    expect(await app.stop()).toBe(0);
  }

  it.each([
    { policy: 'keep', resets: 3 },
    { policy: 'resend', resets: 1 },
  ])(
    'does not send again what it has recorded as sent, with UNCLEAR_DELIVERY=$policy',
    async ({ policy, resets }) => {
      await harness.pool.query('TRUNCATE notification.deliveries');
      await harness.resetOffsets();
      arrived = [];
      const env = { UNCLEAR_DELIVERY: policy, DELIVERY_CLAIM: 'PT2S' };
      const interrupted = new Set<string>();
      const again: string[] = [];
      const snapshots: { sent: Set<string>; before: number }[] = [];
      const moments = Object.keys(MOMENTS);
      for (let reset = 0; reset < resets; reset += 1) {
        for (const moment of [moments[reset % 3]!, moments[(reset + 1) % 3]!]) {
          await runUntilKilled(env, moment);
          for (const messageId of await inState('sending')) interrupted.add(messageId);
          snapshots.push({ sent: await inState('sent'), before: arrived.length });
        }
        await harness.resetOffsets();
      }
      await runToTheEnd(env);

      for (const { sent: wasSent, before } of snapshots) {
        again.push(...arrived.slice(before).filter((messageId) => wasSent.has(messageId)));
      }
      expect(again).toEqual([]);
      expect(interrupted.size).toBeGreaterThan(0);
      // There is one row for each event, recipient and kind, and each is sent or of unknown outcome.
      const ledger = await rows();
      expect(new Set(ledger.map(({ messageId }) => messageId)).size).toBe(COUNT);
      const unknown = await inState('unknown');
      expect((await inState('sent')).size + unknown.size).toBe(COUNT);
      const times = Map.groupBy(arrived, (messageId) => messageId);
      const timesOf = (messageId: string) => times.get(messageId)?.length ?? 0;
      // Only interrupted e-mails may be of unknown outcome (keep), or have arrived twice (resend).
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
