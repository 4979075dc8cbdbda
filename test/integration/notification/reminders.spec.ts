import { describe, expect, it } from '@jest/globals';
import {
  DEFAULT_PREFERENCES,
  savePreferences,
} from '../../../apps/notification/src/preferences/preferences.table.js';
import { accepted, profile, reminderDue, replied, sent } from './messages.js';
import { linkIn, readUntil, useNotificationHarness } from './notification-harness.js';

const invitationId = 'alice.00000000-0000-4000-8000-000000000001';
const MEMBERS = [profile('alice'), profile('bob')];

describe('the reminder e-mail', () => {
  const harness = useNotificationHarness({ mailbox: true });

  it('goes to the recipient with the links of the invitation, and without the address of the inviter (R6, R7)', async () => {
    const { handler } = harness.start();
    await handler.handle([...MEMBERS, reminderDue('alice', 'bob', { invitationId })]);
    const [one] = await harness.expectMails(1);
    expect(one).toMatchObject({
      to: ['bob@example.com'],
      subject: 'Reminder: Alice would like to connect',
      headers: { 'auto-submitted': 'auto-generated' },
    });
    const [accept, replyUrl, ignoreUrl, profileUrl, inbox, preferences, ...others] = [
      ...one!.text.matchAll(/^https:\S+$/gm),
    ].map(([url]) => url);
    expect(linkIn(accept!, 'accept')).toMatchObject({ memberId: 'bob', invitationId });
    const answers = `https://network.example/inbox/${invitationId}`;
    expect([replyUrl, ignoreUrl]).toEqual([`${answers}/reply?lang=en`, `${answers}/ignore?lang=en`]);
    expect(profileUrl).toBe('https://people.example/alice');
    expect(inbox).toBe('https://network.example/inbox?lang=en');
    expect(linkIn(preferences!, 'preferences')).toMatchObject({ memberId: 'bob' });
    expect(others).toEqual([]);
    expect(`${one!.html}${one!.text}`).not.toContain('alice@example.com');
    expect(await harness.untilStates('sent')).toMatchObject([{ kind: 'reminder', content: null }]);
  });

  it('has an unsubscribe link of its own, for one POST (R8, RFC 8058)', async () => {
    const { handler } = harness.start();
    await handler.handle([...MEMBERS, sent('alice', 'bob', { invitationId })]);
    await harness.expectMails(1);
    await handler.handle([reminderDue('alice', 'bob', { invitationId })]);
    const kinds = (await harness.expectMails(2)).map(({ headers }) => {
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

  it('refers to its invitation, and has a Message-ID of its own', async () => {
    const { handler } = harness.start();
    await handler.handle([...MEMBERS, sent('alice', 'bob', { invitationId })]);
    await harness.expectMails(1);
    await handler.handle([reminderDue('alice', 'bob', { invitationId })]);
    await harness.expectMails(2);
    await handler.handle([reminderDue('alice', 'bob', { invitationId, ordinal: 2 })]);
    const [invitation, ...reminders] = (await harness.expectMails(3)).map(({ headers }) => headers);
    expect(invitation!['references']).toBeUndefined();
    for (const reminder of reminders) {
      expect(reminder['references']).toBe(invitation!['message-id']);
      expect(reminder['in-reply-to']).toBe(invitation!['message-id']);
    }
    const ids = [invitation, ...reminders].map((headers) => headers!['message-id']);
    expect(new Set(ids).size).toBe(3);
  });

  it('refers to the first e-mail that was sent, where that of the invitation was turned off', async () => {
    const { handler } = harness.start();
    await savePreferences(harness.pool, 'bob', { ...DEFAULT_PREFERENCES, invitations: false });
    const others = [profile('carol'), reminderDue('carol', 'bob'), reminderDue('alice', 'carol')];
    await handler.handle([...MEMBERS, ...others, sent('alice', 'bob', { invitationId })]);
    await harness.untilCount(`state = 'suppressed'`, 1);
    await harness.expectMails(2);
    for (const ordinal of [1, 2, 3]) {
      await handler.handle([reminderDue('alice', 'bob', { invitationId, ordinal })]);
      await harness.untilCount(`state = 'sent'`, 2 + ordinal);
    }
    const headers = (await harness.mails()).map((mail) => mail.headers).slice(2);
    const [first, ...later] = headers;
    expect([first!['references'], first!['in-reply-to']]).toEqual([undefined, undefined]);
    for (const reminder of later) {
      expect(reminder['references']).toBe(first!['message-id']);
      expect(reminder['in-reply-to']).toBe(first!['message-id']);
    }
  });

  it.each(['failed', 'unknown', 'sending', 'suppressed'])(
    'does not refer to an e-mail that is %s',
    async (state) => {
      const { handler } = harness.start();
      await handler.handle([...MEMBERS, sent('alice', 'bob', { invitationId })]);
      await harness.untilStates('sent');
      await harness.pool.query('UPDATE notification.deliveries SET state = $1', [state]);
      await handler.handle([reminderDue('alice', 'bob', { invitationId })]);
      expect((await harness.expectMails(2))[1]!.headers['references']).toBeUndefined();
    },
  );

  it('is sent once for a message that is consumed three times', async () => {
    const { handler } = harness.start();
    const due = reminderDue('alice', 'bob', { invitationId });
    for (let time = 0; time < 3; time += 1) {
      await handler.handle([...MEMBERS, due, due]);
      await harness.untilStates('sent');
    }
    expect(await harness.mails()).toHaveLength(1);
  });

  it.each(['all', 'reminders'] as const)(
    'is suppressed for a recipient who has turned off %s (R8)',
    async (preference) => {
      const { handler } = harness.start();
      await savePreferences(harness.pool, 'bob', { ...DEFAULT_PREFERENCES, [preference]: false });
      await handler.handle([...MEMBERS, reminderDue('alice', 'bob')]);
      expect(await harness.untilStates('suppressed')).toMatchObject([{ reason: 'PREFERENCE' }]);
      expect(await harness.mails()).toEqual([]);
    },
  );

  it('is sent to a recipient who has turned off invitations only', async () => {
    const { handler } = harness.start();
    await savePreferences(harness.pool, 'bob', { ...DEFAULT_PREFERENCES, invitations: false });
    await handler.handle([...MEMBERS, reminderDue('alice', 'bob')]);
    expect(await harness.expectMails(1)).toHaveLength(1);
  });

  it('is suppressed after its validUntil', async () => {
    const { handler } = harness.start();
    const validUntil = new Date(Date.now() - 1).toISOString();
    await handler.handle([...MEMBERS, reminderDue('alice', 'bob', { validUntil })]);
    expect(await harness.untilStates('suppressed')).toMatchObject([{ reason: 'EXPIRED' }]);
    expect(await harness.mails()).toEqual([]);
  });

  it('is suppressed after its validUntil also where the recipient has no profile', async () => {
    const { handler } = harness.start();
    const validUntil = new Date(Date.now() - 1).toISOString();
    await handler.handle([reminderDue('alice', 'nobody', { validUntil })]);
    expect(await harness.untilStates('suppressed')).toMatchObject([{ reason: 'EXPIRED' }]);
  });

  it('is suppressed where its validUntil has passed while it waited for a member', async () => {
    const { handler } = harness.start();
    await handler.handle([profile('bob'), reminderDue('alice', 'bob')]);
    await harness.untilReason('MEMBER_UNKNOWN');
    await harness.pool.query(
      `UPDATE notification.deliveries SET valid_until = now() - interval '1 millisecond'`,
    );
    await handler.handle([profile('alice')]);
    expect(await harness.untilStates('suppressed')).toMatchObject([{ reason: 'EXPIRED' }]);
    expect(await harness.mails()).toEqual([]);
  });

  it.each([
    ['ANSWERED', () => [accepted('alice', 'bob', { invitationId })]],
    ['SUPERSEDED', () => [sent('alice', 'bob', { at: '2998-01-01T00:00:00Z' })]],
    ['EXPIRED', () => []],
  ])('is checked again when the server asks for the text: %s', async (reason, meanwhile) => {
    const { handler } = harness.create();
    await handler.handle([...MEMBERS, reminderDue('alice', 'bob', { invitationId })]);
    let asked = 0;
    const atTransfer = async () => {
      asked += 1;
      await handler.handle(meanwhile());
      if (reason !== 'EXPIRED') return;
      await harness.pool.query('UPDATE notification.deliveries SET valid_until = now()');
    };
    harness.start({ atTransfer });
    await readUntil(
      () => harness.deliveries(),
      (rows) => rows.some((row) => row.state === 'suppressed' && row.reason === reason),
    );
    expect(asked).toBeGreaterThan(0);
    expect(await harness.mails()).toEqual([]);
  });

  it.each([
    ['an acceptance', 'ANSWERED', () => accepted('alice', 'bob', { invitationId })],
    ['an acceptance in the other direction', 'ANSWERED', () => accepted('bob', 'alice')],
    ['a reply', 'ANSWERED', () => replied('alice', 'bob', { invitationId })],
    ['a follow-up', 'SUPERSEDED', () => sent('alice', 'bob')],
  ])('is suppressed after %s (D6)', async (_, reason, answer) => {
    const { handler, worker } = harness.create();
    await handler.handle([
      ...MEMBERS,
      sent('alice', 'bob', { invitationId }),
      reminderDue('alice', 'bob', { invitationId }),
      answer(),
    ]);
    worker.start();
    const rows = await readUntil(
      () => harness.deliveries(),
      (list) => list.every(({ state }) => state !== 'queued'),
    );
    expect(rows.find(({ kind }) => kind === 'reminder')).toMatchObject({ state: 'suppressed', reason });
    expect((await harness.mails()).map(({ subject }) => subject)).not.toContain(
      'Reminder: Alice would like to connect',
    );
  });

  it('is sent after events of other members, and after an earlier invitation of the same two members', async () => {
    const { handler } = harness.start({ env: { INVITATION_MAIL_INTERVAL: 'PT0S' } });
    await handler.handle([
      ...MEMBERS,
      profile('carol'),
      sent('alice', 'bob'),
      sent('alice', 'bob', { invitationId }),
      reminderDue('alice', 'bob', { invitationId }),
      sent('carol', 'bob'),
      replied('alice', 'carol'),
      accepted('carol', 'bob'),
    ]);
    const mails = await readUntil(
      () => harness.mails(),
      (list) => list.some(({ subject }) => subject === 'Reminder: Alice would like to connect'),
    );
    expect(mails.length).toBeGreaterThan(0);
  });

  it('is in the language of its recipient (D14)', async () => {
    const { handler } = harness.start();
    await handler.handle([
      profile('alice'),
      profile('layla', { locale: 'ar' }),
      reminderDue('alice', 'layla'),
    ]);
    const [one] = await harness.expectMails(1);
    expect(one!.subject).toBe('تذكير: دعوة للتواصل من Alice');
    expect(one!.html).toContain('<html lang="ar" dir="rtl">');
  });
});
