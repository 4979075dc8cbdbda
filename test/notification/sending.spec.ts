import { describe, expect, it } from '@jest/globals';
import {
  savePreferences,
  DEFAULT_PREFERENCES,
} from '../../apps/notification/src/preferences/preferences.table.js';
import { accepted, profile, removed, sent } from './messages.js';
import { ledgerOf, until, untilStates } from './notification-under-test.js';
import { linkIn, sendingUnderTest } from './sending-under-test.js';

describe('e-mails', () => {
  const { make, start, mails, expectMails, ledger } = sendingUnderTest();

  it('an invitation gives its recipient one e-mail, at once (R5, R7)', async () => {
    const { intake } = start();
    await intake.handle([profile('alice'), profile('bob')]);
    await intake.handle([sent('alice', 'bob', { message: 'Hello Bob' })]);
    const [one] = await expectMails(1);
    expect(one).toMatchObject({ to: ['bob@example.com'], subject: 'Alice would like to connect' });
    expect(one!.from).toContain('invitations@network.example');
    expect(one!.headers).toMatchObject({ 'auto-submitted': 'auto-generated' });
    const [, preferences] = /(\S+)\s*$/.exec(one!.text)!;
    expect(linkIn(preferences!, 'preferences')).toMatchObject({ memberId: 'bob' });
    for (const link of ['https://people.example/alice', 'https://network.example/inbox', preferences!]) {
      expect(one!.html).toContain(`href="${link}"`);
      expect(one!.text).toContain(link);
    }
    expect(one!.text).toContain("Alice (Alice's headline)");
    expect(one!.text).toContain('Hello Bob');
    expect(`${one!.html}${one!.text}`).not.toContain('alice@example.com');
    expect(await untilStates(ledger().pool, 'sent')).toMatchObject([{ content: null }]);
  });

  it('the button of an invitation accepts for its recipient, and for nothing else (R11, D12)', async () => {
    const { intake } = start();
    const invitationId = 'alice.00000000-0000-4000-8000-000000000001';
    await intake.handle([profile('alice'), profile('bob'), sent('alice', 'bob', { invitationId })]);
    const [one] = await expectMails(1);
    const [url = ''] = /https:\/\/network\.example\/l\/\S+/.exec(one!.text)!;
    expect(linkIn(url, 'accept')).toMatchObject({ memberId: 'bob', invitationId });
    expect(linkIn(url, 'accept', new Date(Date.now() + 61 * 86_400_000))).toBeUndefined();
  });

  it("is in the recipient's language (D14)", async () => {
    const { intake } = start();
    await intake.handle([profile('alice'), profile('layla', { locale: 'ar-EG' }), sent('alice', 'layla')]);
    const [one] = await expectMails(1);
    expect(one!.subject).toBe('دعوة للتواصل من Alice');
    expect(one!.html).toContain('<html lang="ar" dir="rtl">');
  });

  it('the same messages three times are one e-mail each', async () => {
    const { intake } = start();
    const messages = [profile('alice'), profile('bob'), sent('alice', 'bob'), accepted('alice', 'bob')];
    for (let time = 0; time < 3; time += 1) {
      await intake.handle(messages);
      await untilStates(ledger().pool, 'sent', 'sent');
    }
    expect((await mails()).map(({ to }) => to[0])).toEqual(
      expect.arrayContaining(['alice@example.com', 'bob@example.com']),
    );
    expect(await mails()).toHaveLength(2);
  });

  it('two senders side by side send each once', async () => {
    const [one, other] = [start(), start()];
    const recipients = Array.from({ length: 60 }, (_, index) => `member-${index}`);
    await one.intake.handle([profile('alice'), ...recipients.map((id) => profile(id))]);
    await one.intake.handle(recipients.map((id) => sent('alice', id)));
    other.sender.nudge();
    await untilStates(ledger().pool, ...recipients.map(() => 'sent'));
    const to = (await mails()).map((one) => one.to[0]);
    expect(to).toHaveLength(60);
    expect(new Set(to).size).toBe(60);
  });

  it('waits for members who are not known yet, and goes when they are', async () => {
    const { intake } = start({ times: { memberMs: 3_600_000, longestMemberMs: 3_600_000 } });
    await intake.handle([sent('alice', 'bob')]);
    await until(
      () => ledgerOf(ledger().pool),
      ([row]) => row?.reason === 'MEMBER_UNKNOWN',
    );
    await intake.handle([profile('bob')]);
    await intake.handle([profile('alice')]);
    await expectMails(1);
  });

  it('is given up for a member who never appears', async () => {
    const { intake } = start({ times: { giveUpMs: 0, memberMs: 0 } });
    await intake.handle([profile('alice'), profile('bob'), removed('bob'), sent('alice', 'bob')]);
    const [row] = await untilStates(ledger().pool, 'suppressed');
    expect(row).toMatchObject({ reason: 'MEMBER_UNKNOWN', content: null });
  });

  it.each([
    ['all', 'invitation', 'bob'],
    ['invitations', 'invitation', 'bob'],
    ['acceptances', 'acceptance', 'alice'],
  ] as const)('without %s there is no %s e-mail (R8, R13)', async (preference, kind, memberId) => {
    const { intake } = start();
    await savePreferences(ledger().pool, memberId, { ...DEFAULT_PREFERENCES, [preference]: false });
    const event = kind === 'invitation' ? sent('alice', 'bob') : accepted('alice', 'bob');
    await intake.handle([profile('alice'), profile('bob'), event]);
    expect(await untilStates(ledger().pool, 'suppressed')).toMatchObject([{ reason: 'PREFERENCE' }]);
    expect(await mails()).toEqual([]);
    // R13: the connection forms all the same.
    const { rowCount } = await ledger().pool.query('SELECT FROM notification.connections');
    expect(rowCount).toBe(kind === 'acceptance' ? 2 : 0);
  });

  it('of two invitations to one recipient within the interval only the first gives an e-mail', async () => {
    const { intake } = start();
    await intake.handle([profile('alice'), profile('bob'), profile('carol'), sent('alice', 'bob')]);
    await expectMails(1);
    await intake.handle([sent('alice', 'bob'), sent('carol', 'bob')]);
    expect(await untilStates(ledger().pool, 'sent', 'suppressed', 'sent')).toMatchObject([
      {},
      { reason: 'TOO_SOON' },
      {},
    ]);
    expect(await mails()).toHaveLength(2);
  });

  it('of two that wait to be sent the follow-up goes: the links of the first are dead (D2)', async () => {
    const { intake, sender } = make();
    await intake.handle([profile('alice'), profile('bob')]);
    await intake.handle([
      sent('alice', 'bob', { message: 'first' }),
      sent('alice', 'bob', { message: 'second' }),
    ]);
    sender.start();
    expect(await untilStates(ledger().pool, 'suppressed', 'sent')).toHaveLength(2);
    await sender.stop();
    expect((await expectMails(1))[0]!.text).toContain('second');
  });

  it('without an interval every invitation gives an e-mail', async () => {
    const { intake } = start({ env: { INVITATION_MAIL_INTERVAL: 'PT0S' } });
    await intake.handle([profile('alice'), profile('bob'), sent('alice', 'bob'), sent('alice', 'bob')]);
    await expectMails(2);
  });

  it('an acceptance tells of the new connection (R12, R14)', async () => {
    const { intake } = start();
    const friends = ['carol', 'dan', 'eve', 'frank'];
    await intake.handle(['alice', 'bob', 'greta', ...friends].map((id) => profile(id)));
    await savePreferences(ledger().pool, 'bob', { ...DEFAULT_PREFERENCES, all: false });
    await intake.handle(friends.flatMap((id) => [accepted('bob', id), accepted(id, 'alice')]));
    await intake.handle([accepted('bob', 'greta')]);
    await until(
      () => ledgerOf(ledger().pool),
      (rows) => rows.every(({ state }) => state !== 'queued'),
    );
    await intake.handle([accepted('alice', 'bob')]);
    const one = (await until(mails, (list) => list.some(({ to }) => to[0] === 'alice@example.com'))).find(
      ({ to }) => to[0] === 'alice@example.com',
    )!;
    expect(one.subject).toBe('Your network has a new member: Bob');
    expect(one.text).toContain('bob@example.com');
    expect(one.text).toContain('https://people.example/bob');
    expect(one.text).toContain(
      'Bob has 6 connections. You have 4 connections in common, among them Frank, Eve, and Dan.',
    );
  });

  it('a 5xx is the end of it', async () => {
    const { intake } = start();
    await intake.handle([
      profile('alice'),
      profile('bob', { email: 'reject-5xx@example.com' }),
      sent('alice', 'bob'),
    ]);
    expect(await untilStates(ledger().pool, 'failed')).toMatchObject([
      { reason: 'NO_MAILBOX', smtp_code: 550 },
    ]);
  });

  it('after a 4xx it is tried again', async () => {
    const { intake } = start({ times: { pollMs: 20 } });
    await intake.handle([
      profile('alice'),
      profile('bob', { email: 'reject-4xx@example.com' }),
      sent('alice', 'bob'),
    ]);
    await until(
      () => ledgerOf(ledger().pool),
      ([row]) => row?.smtp_code === 451,
    );
    await intake.handle([profile('bob')]);
    await expectMails(1);
  });

  it('the last attempt is when the day is over, however long the wait would be', async () => {
    const times = { giveUpMs: 300, retryMs: 3_600_000, longestRetryMs: 3_600_000, pollMs: 20 };
    const { intake } = start({ times });
    await intake.handle([
      profile('alice'),
      profile('bob', { email: 'reject-4xx@example.com' }),
      sent('alice', 'bob'),
    ]);
    expect(await untilStates(ledger().pool, 'failed')).toMatchObject([{ reason: 'TRY_AGAIN_LATER' }]);
  });

  it('after a day of 4xx it has failed', async () => {
    const { intake } = start({ times: { giveUpMs: 0 } });
    await intake.handle([
      profile('alice'),
      profile('bob', { email: 'reject-4xx@example.com' }),
      sent('alice', 'bob'),
    ]);
    expect(await untilStates(ledger().pool, 'failed')).toMatchObject([
      { reason: 'TRY_AGAIN_LATER', smtp_code: 451 },
    ]);
  });
});
