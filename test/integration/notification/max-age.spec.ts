import { describe, expect, it } from '@jest/globals';
import { resend } from '../../../apps/notification/src/ledger/deliveries.cli.js';
import type { ConsumedMessage } from '#libs/kafka';
import { accepted, profile, reminderDue, replied, sent } from './messages.js';
import { useNotificationHarness } from './notification-harness.js';

const DAY = 86_400_000;
const MAX_AGE = 3 * DAY;
const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();

const KINDS: readonly (readonly [string, (change: object) => ConsumedMessage])[] = [
  ['invitation', (change) => sent('alice', 'bob', { message: 'a private word', ...change })],
  ['reminder', (change) => reminderDue('alice', 'bob', change)],
  ['acceptance', (change) => accepted('alice', 'bob', change)],
  ['reply', (change) => replied('alice', 'bob', change)],
];

const STALE = { state: 'suppressed', reason: 'STALE', content: null };

describe('MAIL_MAX_AGE (D21)', () => {
  const harness = useNotificationHarness();

  it.each(KINDS)(
    'suppresses the e-mail of an event that is older when it arrives: %s',
    async (kind, eventOf) => {
      const { handler } = harness.start();
      await handler.handle([profile('alice'), profile('bob'), eventOf({ at: ago(MAX_AGE + 1_000) })]);
      // The consumer suppresses it: the worker has nothing to do, and no server is contacted.
      expect(await harness.deliveries()).toMatchObject([{ kind, ...STALE }]);
      expect(harness.smtp.commands).toEqual([]);
      expect(await harness.count('true', 'connections')).toBe(kind === 'acceptance' ? 2 : 0);
    },
  );

  it.each(KINDS)(
    'does not suppress the e-mail of an event that is a little younger: %s',
    async (_, eventOf) => {
      const { handler } = harness.start();
      await handler.handle([profile('alice'), profile('bob'), eventOf({ at: ago(MAX_AGE - 60_000) })]);
      await harness.untilStates('sent');
      expect(harness.smtp.mails).toHaveLength(1);
    },
  );

  it.each(KINDS)('can be longer: %s', async (_, eventOf) => {
    const { handler } = harness.start({ env: { MAIL_MAX_AGE: 'P30D' } });
    await handler.handle([profile('alice'), profile('bob'), eventOf({ at: ago(29 * DAY) })]);
    await harness.untilStates('sent');
    expect(harness.smtp.mails).toHaveLength(1);
  });

  it.each(KINDS)('suppresses an e-mail that waited too long for a server: %s', async (_, eventOf) => {
    await harness.smtp.stop();
    try {
      const { handler } = harness.start({ timings: { pollMs: 20 } });
      await handler.handle([profile('alice'), profile('bob'), eventOf({ at: ago(0) })]);
      await harness.untilReason('UNREACHABLE');
      await harness.letTimePass(MAX_AGE);
      expect(await harness.untilStates('suppressed')).toMatchObject([STALE]);
    } finally {
      await harness.smtp.start();
    }
    expect(harness.smtp.mails).toEqual([]);
  });

  it.each(KINDS)('is checked again when the server asks for the text: %s', async (_, eventOf) => {
    const { handler } = harness.start({ atTransfer: () => harness.letTimePass(MAX_AGE) });
    await handler.handle([profile('alice'), profile('bob'), eventOf({})]);
    expect(await harness.untilStates('suppressed')).toMatchObject([STALE]);
    expect(harness.smtp.commands).toContain('DATA');
    expect(harness.smtp.mails).toEqual([]);
  });

  it('suppresses an e-mail that waited too long for a member', async () => {
    const { handler } = harness.start();
    await handler.handle([profile('alice'), sent('alice', 'bob')]);
    await harness.untilReason('MEMBER_UNKNOWN');
    await harness.pool.query(`UPDATE notification.deliveries SET happened_at = now() - interval '73 hours'`);
    await handler.handle([profile('bob')]);
    expect(await harness.untilStates('suppressed')).toMatchObject([STALE]);
  });

  it('suppresses the e-mails of a topic that is read again after the ledger was lost', async () => {
    const { handler } = harness.start();
    const week = KINDS.map(([, eventOf]) => eventOf({ at: ago(7 * DAY) }));
    for (let time = 0; time < 3; time += 1) {
      await handler.handle([profile('alice'), profile('bob'), ...week]);
      expect(await harness.deliveries()).toMatchObject(week.map(() => STALE));
      await harness.pool.query('TRUNCATE notification.deliveries');
    }
    expect(harness.smtp.mails).toEqual([]);
  });

  it('rejects a resend by an operator', async () => {
    harness.smtp.script.end = 'drop';
    const { handler } = harness.start();
    const invitation = sent('alice', 'bob');
    await handler.handle([profile('alice'), profile('bob'), invitation]);
    await harness.untilStates('unknown');
    const eventId = invitation.header('ce_id')!;
    await harness.letTimePass(MAX_AGE);
    await expect(resend(harness.pool, eventId, 'invitation', MAX_AGE, () => undefined)).rejects.toThrow(
      'D21',
    );
    expect(await harness.deliveries()).toMatchObject([{ state: 'unknown' }]);
  });

  it.each(['9999-12-31T23:59:59.999Z', ago(-10 * DAY)])(
    'counts from the arrival of an event that is dated in the future: %s',
    async (at) => {
      const { handler, worker } = harness.create();
      await handler.handle([profile('alice'), profile('bob'), profile('carol')]);
      await handler.handle([sent('alice', 'bob', { at }), sent('alice', 'carol', { at })]);
      await harness.pool.query(
        `UPDATE notification.deliveries SET created_at = now() - interval '73 hours' WHERE recipient_id = 'carol'`,
      );
      worker.start();
      const rows = await harness.untilStates('sent', 'suppressed');
      expect(rows[1]).toMatchObject({ recipient_id: 'carol', ...STALE });
    },
  );

  it('can be longer than the age of any event', async () => {
    const { handler } = harness.start({ env: { MAIL_MAX_AGE: 'P36500D' } });
    const at = '1970-01-01T00:00:00.000Z';
    await handler.handle([profile('alice'), profile('bob'), sent('alice', 'bob', { at })]);
    await harness.untilStates('sent');
    expect(harness.smtp.mails).toHaveLength(1);
  });
});
