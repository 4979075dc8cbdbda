import { describe, expect, it } from '@jest/globals';
import {
  DEFAULT_PREFERENCES,
  savePreferences,
} from '../../apps/notification/src/preferences/preferences.table.js';
import { accepted, profile, reminderDue, replied, sent } from './messages.js';
import { ledgerOf, until, untilStates } from './notification-under-test.js';
import { linkIn, sendingUnderTest } from './sending-under-test.js';

const invitationId = 'alice.00000000-0000-4000-8000-000000000001';
const MEMBERS = [profile('alice'), profile('bob')];

describe('reminders', () => {
  const { ledger, make, start, mails, expectMails } = sendingUnderTest();

  it('go to the recipient with the links of the invitation, and without the address of the inviter (R6, R7)', async () => {
    const { intake } = start();
    await intake.handle([...MEMBERS, reminderDue('alice', 'bob', { invitationId })]);
    const [one] = await expectMails(1);
    expect(one).toMatchObject({
      to: ['bob@example.com'],
      subject: 'Reminder: Alice would like to connect',
      headers: { 'auto-submitted': 'auto-generated' },
    });
    const [accept, profileUrl, inbox, preferences, ...others] = [...one!.text.matchAll(/^https:\S+$/gm)].map(
      ([url]) => url,
    );
    expect(linkIn(accept!, 'accept')).toMatchObject({ memberId: 'bob', invitationId });
    expect(profileUrl).toBe('https://people.example/alice');
    expect(inbox).toBe('https://network.example/inbox');
    expect(linkIn(preferences!, 'preferences')).toMatchObject({ memberId: 'bob' });
    expect(others).toEqual([]);
    expect(`${one!.html}${one!.text}`).not.toContain('alice@example.com');
    expect(await untilStates(ledger().pool, 'sent')).toMatchObject([{ kind: 'reminder', content: null }]);
  });

  it('are unsubscribed from by one POST, on their own (R8, RFC 8058)', async () => {
    const { intake } = start();
    await intake.handle([...MEMBERS, sent('alice', 'bob', { invitationId })]);
    await expectMails(1);
    await intake.handle([reminderDue('alice', 'bob', { invitationId })]);
    const kinds = (await expectMails(2)).map(({ headers }) => {
      expect(headers['list-unsubscribe-post']).toBe('List-Unsubscribe=One-Click');
      const [, url] = /^<(.*)>$/.exec(headers['list-unsubscribe']!)!;
      expect(linkIn(url!, 'preferences')).toBeUndefined();
      expect(linkIn(url!, 'accept')).toBeUndefined();
      return linkIn(url!, 'unsubscribe');
    });
    expect(kinds).toMatchObject([
      { memberId: 'bob', kind: 'invitations' },
      { memberId: 'bob', kind: 'reminders' },
    ]);
  });

  it('stand below their invitation in a mailbox, each with a Message-ID of its own', async () => {
    const { intake } = start();
    await intake.handle([...MEMBERS, sent('alice', 'bob', { invitationId })]);
    await expectMails(1);
    await intake.handle([reminderDue('alice', 'bob', { invitationId })]);
    await expectMails(2);
    await intake.handle([reminderDue('alice', 'bob', { invitationId, ordinal: 2 })]);
    const [invitation, ...reminders] = (await expectMails(3)).map(({ headers }) => headers);
    expect(invitation!['references']).toBeUndefined();
    for (const reminder of reminders) {
      expect(reminder['references']).toBe(invitation!['message-id']);
      expect(reminder['in-reply-to']).toBe(invitation!['message-id']);
    }
    const ids = [invitation, ...reminders].map((headers) => headers!['message-id']);
    expect(new Set(ids).size).toBe(3);
  });

  it('the same message three times is one e-mail', async () => {
    const { intake } = start();
    const due = reminderDue('alice', 'bob', { invitationId });
    for (let time = 0; time < 3; time += 1) {
      await intake.handle([...MEMBERS, due, due]);
      await untilStates(ledger().pool, 'sent');
    }
    expect(await mails()).toHaveLength(1);
  });

  it.each(['all', 'reminders'] as const)('do not go to whom has turned off %s (R8)', async (preference) => {
    const { intake } = start();
    await savePreferences(ledger().pool, 'bob', { ...DEFAULT_PREFERENCES, [preference]: false });
    await intake.handle([...MEMBERS, reminderDue('alice', 'bob')]);
    expect(await untilStates(ledger().pool, 'suppressed')).toMatchObject([{ reason: 'PREFERENCE' }]);
    expect(await mails()).toEqual([]);
  });

  it('go to whom has turned off invitations only', async () => {
    const { intake } = start();
    await savePreferences(ledger().pool, 'bob', { ...DEFAULT_PREFERENCES, invitations: false });
    await intake.handle([...MEMBERS, reminderDue('alice', 'bob')]);
    await expectMails(1);
  });

  it('are not sent after the instant until which they are valid', async () => {
    const { intake } = start();
    const validUntil = new Date(Date.now() - 1).toISOString();
    await intake.handle([...MEMBERS, reminderDue('alice', 'bob', { validUntil })]);
    expect(await untilStates(ledger().pool, 'suppressed')).toMatchObject([{ reason: 'EXPIRED' }]);
    expect(await mails()).toEqual([]);
  });

  it('are dropped at that instant, also while nothing could be sent', async () => {
    const { intake } = start({ times: { memberMs: 3_600_000, longestMemberMs: 3_600_000 } });
    const validUntil = new Date(Date.now() - 1).toISOString();
    await intake.handle([reminderDue('alice', 'nobody', { validUntil })]);
    expect(await untilStates(ledger().pool, 'suppressed')).toMatchObject([{ reason: 'EXPIRED' }]);
  });

  it('count that instant by the database, and at the moment of sending: one that has waited too long is dropped', async () => {
    const { intake } = start({ times: { memberMs: 3_600_000, longestMemberMs: 3_600_000 } });
    await intake.handle([profile('bob'), reminderDue('alice', 'bob')]);
    await until(
      () => ledgerOf(ledger().pool),
      ([row]) => row?.reason === 'MEMBER_UNKNOWN',
    );
    await ledger().pool.query(
      `UPDATE notification.deliveries SET valid_until = now() - interval '1 millisecond'`,
    );
    await intake.handle([profile('alice')]);
    expect(await untilStates(ledger().pool, 'suppressed')).toMatchObject([{ reason: 'EXPIRED' }]);
    expect(await mails()).toEqual([]);
  });

  it.each([
    ['ANSWERED', () => [accepted('alice', 'bob', { invitationId })]],
    ['SUPERSEDED', () => [sent('alice', 'bob', { at: '2998-01-01T00:00:00Z' })]],
    ['EXPIRED', () => []],
  ])('are looked at once more when the server is ready for one: %s', async (reason, meanwhile) => {
    const { intake } = make();
    const soon = reason === 'EXPIRED' ? { validUntil: new Date(Date.now() + 1_000).toISOString() } : {};
    await intake.handle([...MEMBERS, reminderDue('alice', 'bob', { invitationId, ...soon })]);
    const late = async () =>
      (
        await ledger().pool.query<{ late: boolean }>(
          `SELECT clock_timestamp() > valid_until AS late FROM notification.deliveries WHERE kind = 'reminder'`,
        )
      ).rows[0]!.late;
    const atTransfer = async () => {
      await intake.handle(meanwhile());
      if (reason === 'EXPIRED') await until(late, (is) => is);
    };
    start({ atTransfer });
    await until(
      () => ledgerOf(ledger().pool),
      (rows) => rows.some((row) => row.state === 'suppressed' && row.reason === reason),
    );
    expect(await mails()).toEqual([]);
  });

  it.each([
    ['an acceptance', 'ANSWERED', () => accepted('alice', 'bob', { invitationId })],
    ['an acceptance the other way round', 'ANSWERED', () => accepted('bob', 'alice')],
    ['a reply', 'ANSWERED', () => replied('alice', 'bob', { invitationId })],
    ['a follow-up', 'SUPERSEDED', () => sent('alice', 'bob')],
  ])('are not sent after %s (D6)', async (_, reason, answer) => {
    const { intake, sender } = make();
    await intake.handle([
      ...MEMBERS,
      sent('alice', 'bob', { invitationId }),
      reminderDue('alice', 'bob', { invitationId }),
      answer(),
    ]);
    sender.start();
    const rows = await until(
      () => ledgerOf(ledger().pool),
      (list) => list.every(({ state }) => state !== 'queued'),
    );
    expect(rows.find(({ kind }) => kind === 'reminder')).toMatchObject({ state: 'suppressed', reason });
    expect((await mails()).map(({ subject }) => subject)).not.toContain(
      'Reminder: Alice would like to connect',
    );
  });

  it('are sent after what concerns others, and after what came before their own invitation', async () => {
    const { intake } = start({ env: { INVITATION_MAIL_INTERVAL: 'PT0S' } });
    await intake.handle([
      ...MEMBERS,
      profile('carol'),
      sent('alice', 'bob'),
      sent('alice', 'bob', { invitationId }),
      reminderDue('alice', 'bob', { invitationId }),
      sent('carol', 'bob'),
      replied('alice', 'carol'),
      accepted('carol', 'bob'),
    ]);
    await until(mails, (list) =>
      list.some(({ subject }) => subject === 'Reminder: Alice would like to connect'),
    );
  });

  it('are in the language of their recipient (D14)', async () => {
    const { intake } = start();
    await intake.handle([
      profile('alice'),
      profile('layla', { locale: 'ar' }),
      reminderDue('alice', 'layla'),
    ]);
    const [one] = await expectMails(1);
    expect(one!.subject).toBe('تذكير: دعوة للتواصل من Alice');
    expect(one!.html).toContain('<html lang="ar" dir="rtl">');
  });
});
