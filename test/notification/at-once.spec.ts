import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { beginTransfers } from '../../apps/notification/src/deliveries/begin-transfer.js';
import { claimDue } from '../../apps/notification/src/deliveries/claim-due.js';
import { renewClaims } from '../../apps/notification/src/deliveries/renew-claims.js';
import { settle } from '../../apps/notification/src/deliveries/settle.js';
import { profile, sent } from './messages.js';
import {
  ledgerOf,
  ledgerUnderTest,
  notificationUnderTest,
  until,
  type Overrides,
} from './notification-under-test.js';
import { SmtpStub } from './smtp-stub.js';

const DAY = 86_400_000;

describe('what happens at once', () => {
  let ledger: Awaited<ReturnType<typeof ledgerUnderTest>>;
  const stub = new SmtpStub();
  const running: { stop(): Promise<void> }[] = [];

  beforeAll(async () => {
    [ledger] = await Promise.all([ledgerUnderTest(), stub.start()]);
  });
  beforeEach(async () => {
    stub.reset();
    await ledger.clear();
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((app) => app.stop()));
  });
  afterAll(async () => {
    await Promise.all([ledger.stop(), stub.stop()]);
  });

  function make(overrides?: Overrides) {
    const app = notificationUnderTest(ledger.pool, stub.url, overrides);
    running.push(app);
    return app;
  }

  /** Two invitations of the same instant, claimed, and one between two others before them. */
  async function twoAtOnce() {
    const at = '2026-01-01T00:00:00.000Z';
    const { intake } = make();
    await intake.handle([profile('alice'), profile('bob'), profile('carol')]);
    await intake.handle([
      sent('carol', 'bob', { at }),
      sent('alice', 'bob', { at }),
      sent('alice', 'bob', { at }),
    ]);
    const claimed = await claimDue(ledger.pool, 3, 60_000);
    const other = claimed.find(({ aboutId }) => aboutId === 'carol')!;
    const [first, second] = claimed.filter((delivery) => delivery !== other);
    return { other, first: first!, second: second! };
  }

  /** Lets nobody write to the row of a delivery before it is told to. */
  async function holdUp({ eventId }: { readonly eventId: string }) {
    const tx = await ledger.pool.connect();
    await tx.query('BEGIN');
    await tx.query('SELECT FROM notification.deliveries WHERE event_id = $1 FOR UPDATE', [eventId]);
    return async () => {
      await tx.query('COMMIT');
      tx.release();
    };
  }

  const waitingForLocks = async () =>
    (
      await ledger.pool.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      )
    ).rowCount!;

  it('of two e-mails between the same two that begin together only one is sent', async () => {
    const { other, first, second } = await twoAtOnce();
    const { deliverer } = make({ env: { INVITATION_MAIL_INTERVAL: 'P1D' } });
    const look = deliverer.look([other, first, second]);
    await look;
    const release = await holdUp(other);
    const deliver = (delivery: typeof other) => deliverer.deliver(delivery, look);
    const all = [deliver(other)];
    try {
      // While the other one's beginning is under way, the two wait to go together.
      await until(waitingForLocks, (count) => count === 1);
      all.push(deliver(first), deliver(second));
      await until(
        () => stub.heard.filter((command) => command === 'DATA').length,
        (count) => count === 3,
      );
    } finally {
      await release();
    }
    await Promise.all(all);
    expect(stub.mails).toHaveLength(2);
    expect((await ledgerOf(ledger.pool)).map(({ state }) => state).toSorted()).toEqual([
      'sent',
      'sent',
      'suppressed',
    ]);
  });

  it('of two that begin at once in two instances only one is sent', async () => {
    const { first, second } = await twoAtOnce();
    const release = await holdUp(first);
    const both = [beginTransfers(ledger.pool, [first], 60_000, DAY)];
    try {
      await until(waitingForLocks, (count) => count === 1);
      let hasEnded = false;
      both.push(beginTransfers(ledger.pool, [second], 60_000, DAY).finally(() => (hasEnded = true)));
      await until(waitingForLocks, (count) => hasEnded || count === 2);
    } finally {
      await release();
    }
    expect(await Promise.all(both)).toEqual([['begun'], ['TOO_SOON']]);
  });

  it('to renew claims is to wait for nobody: who writes the same rows in another order is in no deadlock', async () => {
    const { intake } = make();
    await intake.handle([profile('alice'), profile('bob'), sent('alice', 'bob'), sent('alice', 'bob')]);
    const [first, second] = await claimDue(ledger.pool, 2, 60_000);
    const tx = await ledger.pool.connect();
    try {
      const settleOne = (claimed: typeof first) =>
        settle(tx, [{ delivery: claimed!, settlement: { state: 'sent' } }]);
      await tx.query('BEGIN');
      await settleOne(second);
      const dueAt = async () =>
        (
          await ledger.pool.query<{ at: string }>(
            'SELECT due_at AS at FROM notification.deliveries WHERE event_id = $1',
            [first!.eventId],
          )
        ).rows[0]!.at;
      const before = await dueAt();
      await renewClaims(ledger.pool, [first!, second!], 120_000);
      expect((await dueAt()) > before).toBe(true);
      await settleOne(first);
      await tx.query('COMMIT');
    } finally {
      tx.release();
    }
    expect((await ledgerOf(ledger.pool)).map(({ state }) => state)).toEqual(['sent', 'sent']);
  });
});
