import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { decide, evolve, initialState } from '#libs/invitation';
import { id } from '../../support/story.js';
import { until } from '../../support/until.js';
import { PollerHarness } from './poller-harness.js';

let harness: PollerHarness;
let count = 0;

beforeAll(async () => {
  harness = await PollerHarness.open();
});
afterAll(() => harness?.close());
beforeEach(() => harness.reset());

/** Ids that no other test uses: a message of one test may arrive after the next one has started. */
function invitations(n: number, inviter = 'amal'): string[] {
  return Array.from({ length: n }, () => `${inviter}.${id((count += 1))}`);
}

const of = (ids: readonly string[]) => harness.asked.filter(({ invitationId }) => ids.includes(invitationId));
const untilAsked = (ids: readonly string[], times: number) =>
  until(
    () => of(ids).length >= times,
    30_000,
    () => `${times} commands, there are ${of(ids).length}`,
  );

/** Waits until everything that is due was polled: an invitation that became due last has its command. */
async function untilAllDueArePolled(): Promise<void> {
  const [probe] = invitations(1, 'probe');
  await harness.invited(1.0001, [probe!]);
  await untilAsked([probe!], 1);
}

describe('ReminderPoller', () => {
  it('issues one command for each due reminder, with the account as the key (D6)', async () => {
    const [early, due, second, late, done] = invitations(5);
    await harness.invited(0.99, [early!]);
    await harness.invited(1.1, [due!]);
    await harness.invited(2.1, [second!], 1);
    await harness.invited(1.6, [late!]);
    await harness.invited(1.1, [done!], 1);
    const poller = harness.start();
    await untilAsked([due!, second!], 2);
    await untilAllDueArePolled();
    await untilAllDueArePolled();
    expect(of([early!, due!, second!, late!, done!])).toEqual(
      expect.arrayContaining([
        { commandId: expect.any(String), key: 'amal', invitationId: due, ordinal: 1 },
        { commandId: expect.any(String), key: 'amal', invitationId: second, ordinal: 2 },
      ]),
    );
    expect(of([early!, due!, second!, late!, done!])).toHaveLength(2);
    expect(poller.health.report().ready).toBe(true);
    const text = await poller.registry.metrics();
    expect(text).toContain('invitations_reminders_asked_total{attempt="first"} 4');
    expect(text).toMatch(/invitations_reminders_late_seconds_bucket\{le="3600"\} 4/);
  });

  it('issues no command before the reminder is due by the clock of the database (D6)', async () => {
    const ids = invitations(20);
    await harness.invited(1 - 0.4 / 3600, ids);
    harness.start({ pollMs: 10 });
    await untilAsked(ids, ids.length);
    const { rows } = await harness.pool.query<{ early: number }>(
      `SELECT count(*)::int AS early FROM read_models.reminders_asked a JOIN read_models.reminders USING (invitation_id)
       WHERE asked_at < sent_at + interval '1 hour'`,
    );
    expect(rows).toEqual([{ early: 0 }]);
  });

  it('issues only the latest reminder after an outage over two due times (D6)', async () => {
    const ids = invitations(10);
    await harness.invited(2.2, ids);
    harness.start({ reminderValidityMs: 100 * 3_600_000 });
    await untilAsked(ids, ids.length);
    await untilAllDueArePolled();
    expect(of(ids).map(({ ordinal }) => ordinal)).toEqual(ids.map(() => 2));
  });

  it('issues no command without a schedule', async () => {
    const ids = invitations(3);
    await harness.invited(1.1, ids);
    const poller = harness.start({ remindersMs: [] });
    await until(() => poller.health.report().ready, 30_000, 'a poll');
    harness.start();
    await untilAsked(ids, 3);
    expect(await poller.registry.metrics()).toContain('asked_total{attempt="first"} 0');
  });
});

describe('several instances of ReminderPoller', () => {
  it('share many due reminders, and issue no command twice', async () => {
    const ids = invitations(3_000);
    await harness.invited(1.1, ids.slice(0, 1_500));
    await harness.invited(2.2, ids.slice(1_500), 1);
    const pollers = [1, 2, 3, 4].map(() => harness.start());
    await untilAsked(ids, ids.length);
    await untilAllDueArePolled();
    expect(of(ids)).toHaveLength(ids.length);
    expect(new Set(of(ids).map(({ commandId }) => commandId)).size).toBe(ids.length);
    const texts = await Promise.all(pollers.map(({ registry }) => registry.metrics()));
    expect(texts.filter((text) => !text.includes('asked_total{attempt="first"} 0')).length).toBeGreaterThan(
      1,
    );
  });

  it('skip rows that a batch of the projection has locked, and do not block the batch while Kafka is slow', async () => {
    const [held, free] = invitations(2);
    await harness.invited(1.1, [held!, free!]);
    const batch = await harness.pool.connect();
    try {
      await batch.query('BEGIN');
      await batch.query('UPDATE read_models.reminders SET reminded = 1 WHERE invitation_id = $1', [held]);
      let publish!: () => void;
      const kafka = new Promise<void>((resolve) => (publish = resolve));
      harness.start({}, async (messages, send) => {
        await kafka;
        await send(messages);
      });
      await until(
        async () => (await harness.pool.query('SELECT FROM read_models.reminders_asked')).rowCount === 1,
        30_000,
        'a claim',
      );
      await batch.query("SET LOCAL lock_timeout = '1s'");
      await batch.query('UPDATE read_models.reminders SET reminded = 0 WHERE invitation_id = $1', [free]);
      await batch.query('COMMIT');
      publish();
      await untilAsked([free!], 1);
    } finally {
      batch.release(true);
    }
    await untilAllDueArePolled();
    expect(of([held!])).toEqual([]);
  });
});

describe('a command without an effect', () => {
  const untilAgain = { retryMs: 100 };

  const untilPauseIsOver = (invitationId: string) =>
    until(
      async () => {
        const { rows } = await harness.pool.query<{ over: boolean }>(
          'SELECT again_at < clock_timestamp() AS over FROM read_models.reminders_asked WHERE invitation_id = $1',
          [invitationId],
        );
        return rows[0]!.over;
      },
      30_000,
      'the end of the pause',
    );

  it('is issued by another poller if the first died between the claim and the publication', async () => {
    const ids = invitations(5);
    await harness.invited(1.1, ids);
    // It neither publishes nor releases its claims, like a dead process.
    const dead = harness.start(untilAgain, () => new Promise(() => undefined));
    await until(
      async () => (await harness.pool.query('SELECT FROM read_models.reminders_asked')).rowCount === 5,
      30_000,
      'claims',
    );
    expect(of(ids)).toEqual([]);
    dead.abandon();
    harness.start({ retryMs: 3_600_000 });
    await untilAsked(ids, 5);
    await untilAllDueArePolled();
    expect(of(ids)).toHaveLength(5);
  });

  it('is issued again after growing pauses, until it is decided', async () => {
    const [invitationId] = invitations(1);
    await harness.invited(1.1, [invitationId!]);
    const poller = harness.start(untilAgain);
    // A row may be read after the next attempt already, so each pause is compared with the attempt of its row.
    for (let attempt = 0; attempt < 4;) {
      await untilAsked([invitationId!], attempt + 1);
      const { rows } = await harness.pool.query<{ attempt: number; pause: number }>(
        `SELECT attempt, round(extract(epoch FROM again_at - asked_at) * 1000)::int AS pause FROM read_models.reminders_asked`,
      );
      ({ attempt } = rows[0]!);
      expect(rows[0]!.pause).toBe(100 * 2 ** (attempt - 1));
    }
    await harness.remindedOf(invitationId!, 1);
    const before = of([invitationId!]).length;
    await untilPauseIsOver(invitationId!);
    await untilAllDueArePolled();
    expect(of([invitationId!])).toHaveLength(before);
    expect(await poller.registry.metrics()).toContain(`asked_total{attempt="again"} ${before - 1}`);
  });

  it('is decided although the first one was refused for good, by a clock that is behind (D10)', async () => {
    const [invitationId] = invitations(1);
    await harness.invited(1.1, [invitationId!]);
    const [inviterId, commandId] = invitationId!.split('.') as [string, string];
    const { rows } = await harness.pool.query<{ sent_at: string }>(
      'SELECT sent_at FROM read_models.reminders',
    );
    const sentAt = rows[0]!.sent_at;
    const account = initialState();
    evolve(account, {
      type: 'InvitationSent',
      commandId,
      invitationId: invitationId!,
      inviterId,
      recipientId: 'bilal',
      at: sentAt,
    });
    // A command app whose clock is 15 minutes behind until it has refused once. It repeats its outcome for a known id.
    const said = new Map<string, string>();
    const policy = {
      invitationLimit: 1,
      restrictAfterDeclines: 0,
      followUpIntervalMs: 0,
      remindersMs: [3_600_000],
      reminderValidityMs: 3_600_000,
      invitationExpiryMs: 0,
    };
    const answers = () => {
      for (const { commandId: asked } of of([invitationId!])) {
        if (said.has(asked)) continue;
        const at = new Date(Date.now() - (said.size === 0 ? 15 * 60_000 : 0)).toISOString();
        const command = {
          type: 'RemindRecipient',
          commandId: asked,
          invitationId: invitationId!,
          ordinal: 1,
          at,
        } as const;
        const decision = decide(account, command, policy);
        said.set(
          asked,
          decision.outcome === 'refused' ? decision.code : decision.events.map(({ type }) => type).join(),
        );
      }
      return [...said.values()];
    };
    harness.start(untilAgain);
    await until(() => answers().length >= 2, 30_000, 'a second command');
    expect(answers().slice(0, 2)).toEqual(['TOO_SOON', 'InvitationReminderDue']);
  });

  it('is not issued again after its validity has ended', async () => {
    const [invitationId] = invitations(1);
    const validFor = 700;
    await harness.invited(1, [invitationId!]);
    harness.start({ ...untilAgain, reminderValidityMs: validFor });
    await untilAsked([invitationId!], 1);
    await until(
      async () => {
        const { rows } = await harness.pool.query<{ over: boolean }>(
          `SELECT sent_at + interval '1 hour' + $1::float8 * interval '1 ms' < clock_timestamp() AS over FROM read_models.reminders`,
          [validFor],
        );
        return rows[0]!.over;
      },
      30_000,
      'the end of its validity',
    );
    const before = of([invitationId!]).length;
    await untilPauseIsOver(invitationId!);
    await untilAllDueArePolled();
    expect(of([invitationId!])).toHaveLength(before);
  });

  it('is issued again at once after the broker failed, and the poller is not ready meanwhile', async () => {
    const ids = invitations(3);
    await harness.invited(1.1, ids);
    let isDown = true;
    const poller = harness.start({}, (messages, send) =>
      isDown ? Promise.reject(new Error('no broker')) : send(messages),
    );
    await until(() => poller.health.report().parts['reminders']!.detail === 'no broker', 30_000, 'not ready');
    expect(poller.health.report().ready).toBe(false);
    isDown = false;
    await untilAsked(ids, 3);
    await until(() => poller.health.report().ready, 30_000, 'ready');
    const { rows } = await harness.pool.query('SELECT DISTINCT attempt FROM read_models.reminders_asked');
    expect(rows).toEqual([{ attempt: 1 }]);
  });
});

describe('claims of reminders', () => {
  it('are deleted after the validity of the reminder has ended, not before', async () => {
    const [old, recent] = invitations(2);
    await harness.pool.query(
      `INSERT INTO read_models.reminders_asked SELECT id, 1, 1, now() - age, now()
       FROM (VALUES ($1, interval '31 minutes'), ($2, interval '29 minutes')) AS asked (id, age)`,
      [old, recent],
    );
    harness.start();
    await until(
      async () => (await harness.pool.query('SELECT FROM read_models.reminders_asked')).rowCount === 1,
      30_000,
      'a sweep',
    );
    const { rows } = await harness.pool.query('SELECT invitation_id AS id FROM read_models.reminders_asked');
    expect(rows).toEqual([{ id: recent }]);
  });

  it('are independent of the read model: after its rebuild no command is issued again', async () => {
    const ids = invitations(5);
    await harness.invited(1.1, ids);
    harness.start();
    await untilAsked(ids, 5);
    await harness.pool.query('TRUNCATE read_models.reminders_g1');
    await harness.invited(1.1, ids);
    await untilAllDueArePolled();
    await untilAllDueArePolled();
    expect(of(ids)).toHaveLength(5);
  });
});
