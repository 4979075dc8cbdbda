import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  DEFAULT_PREFERENCES,
  savePreferences,
} from '../../apps/notification/src/preferences/preferences.table.js';
import { accepted, profile, reminderDue, replied, sent } from './messages.js';
import {
  ledgerOf,
  ledgerUnderTest,
  notificationUnderTest,
  until,
  untilStates,
  type Overrides,
} from './notification-under-test.js';
import { SmtpStub } from './smtp-stub.js';

describe('what a server says of an address', () => {
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

  function start(overrides?: Overrides) {
    const app = notificationUnderTest(ledger.pool, stub.url, overrides);
    running.push(app);
    app.sender.start();
    return app;
  }

  async function refusedWith(answer: string) {
    const { intake } = start();
    stub.script.rcpt = answer;
    await intake.handle([profile('alice'), profile('bob'), sent('alice', 'bob')]);
    const [row] = await untilStates(ledger.pool, 'failed');
    stub.script.rcpt = '250 ok';
    return { intake, row };
  }

  it('no such mailbox: every kind of e-mail to it is suppressed from then on', async () => {
    const { intake, row } = await refusedWith('550 5.1.1 no such mailbox');
    expect(row).toMatchObject({ reason: 'NO_MAILBOX', smtp_code: 550 });
    await intake.handle([
      profile('carol'),
      reminderDue('carol', 'bob'),
      replied('bob', 'alice'),
      accepted('bob', 'carol'),
    ]);
    const rows = await untilStates(ledger.pool, 'failed', 'suppressed', 'suppressed', 'suppressed');
    expect(rows.slice(1).map(({ reason }) => reason)).toEqual(Array(3).fill('ADDRESS_BOUNCED'));
    expect(stub.mails).toEqual([]);
  });

  it('until the profile brings another address; and the old one stays suppressed, in whatever case', async () => {
    const { intake } = await refusedWith('550 5.1.1 no such mailbox');
    await intake.handle([profile('bob', { email: 'bob@elsewhere.example' }), reminderDue('alice', 'bob')]);
    await untilStates(ledger.pool, 'failed', 'sent');
    await intake.handle([profile('dora', { email: 'BOB@Example.com' }), sent('alice', 'dora')]);
    const rows = await untilStates(ledger.pool, 'failed', 'sent', 'suppressed');
    expect(rows[2]).toMatchObject({ recipient_id: 'dora', reason: 'ADDRESS_BOUNCED' });
  });

  it.each(['550 5.7.1 blocked by policy', '552 5.2.2 mailbox full', '554 no'])(
    'anything else is about the e-mail alone: %s',
    async (answer) => {
      const { intake, row } = await refusedWith(answer);
      expect(row).toMatchObject({ reason: 'REFUSED' });
      await intake.handle([reminderDue('alice', 'bob')]);
      await untilStates(ledger.pool, 'failed', 'sent');
    },
  );

  it('no address is kept of it, but a hash', async () => {
    await refusedWith('550 5.1.1 no such mailbox');
    const { rows } = await ledger.pool.query<{ row: string }>(
      'SELECT b::text AS row FROM notification.bounced_addresses b',
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]!.row).not.toContain('bob');
  });

  it('what no address can be made of is not sent anywhere', async () => {
    const { intake } = start();
    // Such a profile is a dead letter; this one is from before that was checked.
    await intake.handle([profile('alice'), profile('bob')]);
    await ledger.pool.query(
      `UPDATE notification.members SET email = 'a@b.example,c@d.example' WHERE id = 'bob'`,
    );
    await intake.handle([sent('alice', 'bob')]);
    expect(await untilStates(ledger.pool, 'failed')).toMatchObject([{ reason: 'NO_MAILBOX', smtp_code: 0 }]);
    expect(stub.heard).not.toContain('RCPT');
  });

  it('preferences count at the moment of sending: saved while the server gets ready, they are honoured (R8, R13)', async () => {
    const atTransfer = () =>
      savePreferences(ledger.pool, 'bob', { ...DEFAULT_PREFERENCES, invitations: false });
    const { intake } = start({ atTransfer });
    await intake.handle([profile('alice'), profile('bob'), sent('alice', 'bob')]);
    expect(await untilStates(ledger.pool, 'suppressed')).toMatchObject([{ reason: 'PREFERENCE' }]);
    expect(stub.mails).toEqual([]);
  });

  it('behind a slow server, members are looked at anew when it is their turn', async () => {
    let answerFirst: (() => void) | undefined;
    stub.atMail = (_, answer) => {
      if (answerFirst === undefined) answerFirst = answer;
      else answer();
    };
    try {
      const { intake } = start({ connections: 1 });
      await intake.handle([profile('alice'), profile('bob'), profile('carol'), sent('alice', 'bob')]);
      await intake.handle([sent('alice', 'carol')]);
      await until(
        () => answerFirst,
        (answer) => answer !== undefined,
      );
      const claimed = () => ledger.pool.query('SELECT FROM notification.deliveries WHERE claim IS NOT NULL');
      await until(claimed, ({ rowCount }) => rowCount === 2);
      await intake.handle([profile('carol', { email: 'carol@elsewhere.example' })]);
      // What was looked up before counts for a second.
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      answerFirst!();
      await untilStates(ledger.pool, 'sent', 'sent');
      expect(stub.mails[1]).toMatch(/^To: carol@elsewhere\.example\r$/m);
    } finally {
      stub.atMail = undefined;
    }
  });

  it('who stops gives back what it has not begun: another may send it at once', async () => {
    const waiting: (() => void)[] = [];
    stub.atMail = (_, answer) => waiting.push(answer);
    try {
      const { intake, sender } = start({ connections: 1 });
      await intake.handle([profile('alice'), profile('bob'), profile('carol')]);
      await intake.handle([sent('alice', 'bob'), sent('alice', 'carol')]);
      await until(
        () => waiting.length,
        (count) => count === 1,
      );
      const stopped = sender.stop();
      waiting.shift()!();
      await stopped;
      expect((await ledgerOf(ledger.pool)).map(({ state, reason }) => [state, reason]).toSorted()).toEqual([
        ['queued', 'GIVEN_BACK'],
        ['sent', null],
      ]);
    } finally {
      stub.atMail = undefined;
    }
  });
});
