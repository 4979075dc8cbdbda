import { describe, expect, it } from '@jest/globals';
import { accepted, profile, reminderDue, replied, sent } from './messages.js';
import { useNotificationHarness } from './notification-harness.js';

const NO_MAILBOX = '550 5.1.1 no such mailbox';

const harness = useNotificationHarness();

describe('an address that a server refuses once', () => {
  /** Lets the server refuse an invitation from alice to bob, and accept everything after that. */
  async function refuseOnce(reply: string) {
    const { handler } = harness.start();
    harness.smtp.script.rcpt = reply;
    await handler.handle([profile('alice'), profile('bob'), sent('alice', 'bob')]);
    const [row] = await harness.untilStates('failed');
    harness.smtp.script.rcpt = '250 ok';
    return { handler, row };
  }

  it('gets no e-mail of any kind where the reply says that the mailbox does not exist', async () => {
    const { handler, row } = await refuseOnce(NO_MAILBOX);
    expect(row).toMatchObject({ reason: 'NO_MAILBOX', smtp_code: 550 });
    await handler.handle([
      profile('carol'),
      reminderDue('carol', 'bob'),
      replied('bob', 'alice'),
      accepted('bob', 'carol'),
    ]);
    const rows = await harness.untilStates('failed', 'suppressed', 'suppressed', 'suppressed');
    expect(rows.slice(1).map(({ reason }) => reason)).toEqual(Array(3).fill('ADDRESS_BOUNCED'));
    expect(harness.smtp.mails).toEqual([]);
  });

  it('stays suppressed in any case of letters when its member gets another address', async () => {
    const { handler } = await refuseOnce(NO_MAILBOX);
    await handler.handle([profile('bob', { email: 'bob@elsewhere.example' }), reminderDue('alice', 'bob')]);
    await harness.untilStates('failed', 'sent');
    await handler.handle([profile('dora', { email: 'BOB@Example.com' }), sent('alice', 'dora')]);
    const rows = await harness.untilStates('failed', 'sent', 'suppressed');
    expect(rows[2]).toMatchObject({ recipient_id: 'dora', reason: 'ADDRESS_BOUNCED' });
  });

  it.each(['550 5.7.1 blocked by policy', '552 5.2.2 mailbox full', '554 no'])(
    'gets other e-mails where the reply is not about the mailbox: %s',
    async (reply) => {
      const { handler, row } = await refuseOnce(reply);
      expect(row).toMatchObject({ reason: 'REFUSED' });
      await handler.handle([reminderDue('alice', 'bob')]);
      await harness.untilStates('failed', 'sent');
    },
  );

  it('is stored as a hash only', async () => {
    await refuseOnce(NO_MAILBOX);
    const { rows } = await harness.pool.query<{ row: string }>(
      'SELECT b::text AS row FROM notification.bounced_addresses b',
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]!.row).not.toContain('bob');
  });
});

describe('a text that is not one address', () => {
  it('is offered to no server', async () => {
    const { handler } = harness.start();
    // The consumer stores no such address; an earlier version did.
    await handler.handle([profile('alice'), profile('bob')]);
    await harness.pool.query(
      `UPDATE notification.members SET email = 'a@b.example,c@d.example' WHERE id = 'bob'`,
    );
    await handler.handle([sent('alice', 'bob')]);
    expect(await harness.untilStates('failed')).toMatchObject([{ reason: 'NO_MAILBOX', smtp_code: 0 }]);
    expect(harness.smtp.commands).not.toContain('RCPT');
  });
});
