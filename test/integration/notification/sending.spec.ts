import { describe, expect, it } from '@jest/globals';
import {
  DEFAULT_PREFERENCES,
  savePreferences,
} from '../../../apps/notification/src/preferences/preferences.table.js';
import { accepted, profile, removed, sent } from './messages.js';
import { linkIn, readUntil, useNotificationHarness } from './notification-harness.js';

const DAY = 86_400_000;

const harness = useNotificationHarness({ mailbox: true });

describe('the invitation e-mail', () => {
  it('goes to the recipient at once, without the address of the inviter (R5, R7)', async () => {
    const { handler } = harness.start();
    await handler.handle([profile('alice'), profile('bob')]);
    await handler.handle([sent('alice', 'bob', { message: 'Hello Bob' })]);
    const [one] = await harness.expectMails(1);
    expect(one).toMatchObject({ to: ['bob@example.com'], subject: 'Alice would like to connect' });
    expect(one!.from).toContain(' via Network');
    expect(one!.from).toContain('invitations@network.example');
    expect(one!.headers).toMatchObject({ 'list-id': '<invitations.network.example>' });
    expect(one!.headers).toMatchObject({ 'auto-submitted': 'auto-generated' });
    const [, preferences] = /(\S+)\s*$/.exec(one!.text)!;
    expect(linkIn(preferences!, 'preferences')).toMatchObject({ memberId: 'bob' });
    for (const link of [
      'https://people.example/alice',
      'https://network.example/inbox?lang=en',
      preferences!,
    ]) {
      expect(one!.html).toContain(`href="${link}"`);
      expect(one!.text).toContain(link);
    }
    expect(one!.text).toContain("Alice (Alice's headline)");
    expect(one!.text).toContain('Hello Bob');
    expect(`${one!.html}${one!.text}`).not.toContain('alice@example.com');
    expect(await harness.untilStates('sent')).toMatchObject([{ content: null }]);
  });

  it('has a link to accept, for its recipient and this invitation only, which expires (R11, D12)', async () => {
    const { handler } = harness.start();
    const invitationId = 'alice.00000000-0000-4000-8000-000000000001';
    await handler.handle([profile('alice'), profile('bob'), sent('alice', 'bob', { invitationId })]);
    const [one] = await harness.expectMails(1);
    const [url = ''] = /https:\/\/network\.example\/l\/\S+/.exec(one!.text)!;
    expect(linkIn(url, 'accept')).toMatchObject({ memberId: 'bob', invitationId });
    expect(linkIn(url, 'accept', new Date(Date.now() + 61 * 86_400_000))).toBeUndefined();
  });

  it('is in the language of its recipient (D14)', async () => {
    const { handler } = harness.start();
    await handler.handle([profile('alice'), profile('layla', { locale: 'ar-EG' }), sent('alice', 'layla')]);
    const [one] = await harness.expectMails(1);
    expect(one!.subject).toBe('دعوة للتواصل من Alice');
    expect(one!.html).toContain('<html lang="ar" dir="rtl">');
  });

  it('is sent once for messages that are consumed three times, as is the acceptance e-mail', async () => {
    const { handler } = harness.start();
    const messages = [profile('alice'), profile('bob'), sent('alice', 'bob'), accepted('alice', 'bob')];
    for (let time = 0; time < 3; time += 1) {
      await handler.handle(messages);
      await harness.untilStates('sent', 'sent');
    }
    expect((await harness.mails()).map(({ to }) => to[0])).toEqual(
      expect.arrayContaining(['alice@example.com', 'bob@example.com']),
    );
    expect(await harness.mails()).toHaveLength(2);
  });

  it('is sent once where two workers run at the same time', async () => {
    const [one, other] = [harness.start(), harness.start()];
    const recipients = Array.from({ length: 60 }, (_, index) => `member-${index}`);
    await one.handler.handle([profile('alice'), ...recipients.map((id) => profile(id))]);
    await one.handler.handle(recipients.map((id) => sent('alice', id)));
    other.worker.notify();
    await harness.untilStates(...recipients.map(() => 'sent'));
    const to = (await harness.mails()).map((one) => one.to[0]);
    expect(to).toHaveLength(60);
    expect(new Set(to).size).toBe(60);
  });

  it('waits until both members have profiles', async () => {
    const { handler } = harness.start();
    await handler.handle([sent('alice', 'bob')]);
    await harness.untilReason('MEMBER_UNKNOWN');
    await handler.handle([profile('bob')]);
    await handler.handle([profile('alice')]);
    expect(await harness.expectMails(1)).toHaveLength(1);
  });

  it('is suppressed for a member who never gets a profile', async () => {
    const { handler } = harness.start({ timings: { giveUpMs: 0 } });
    await handler.handle([profile('alice'), profile('bob'), removed('bob'), sent('alice', 'bob')]);
    const [row] = await harness.untilStates('suppressed');
    expect(row).toMatchObject({ reason: 'MEMBER_UNKNOWN', content: null });
  });

  it.each([
    ['all', 'invitation', 'bob'],
    ['invitations', 'invitation', 'bob'],
    ['acceptances', 'acceptance', 'alice'],
  ] as const)(
    'is suppressed for a member who has turned off %s: %s e-mail (R8, R13)',
    async (preference, kind, memberId) => {
      const { handler } = harness.start();
      await savePreferences(harness.pool, memberId, { ...DEFAULT_PREFERENCES, [preference]: false });
      const event = kind === 'invitation' ? sent('alice', 'bob') : accepted('alice', 'bob');
      await handler.handle([profile('alice'), profile('bob'), event]);
      expect(await harness.untilStates('suppressed')).toMatchObject([{ reason: 'PREFERENCE' }]);
      expect(await harness.mails()).toEqual([]);
      // R13: the connection is formed anyway.
      const { rowCount } = await harness.pool.query('SELECT FROM notification.connections');
      expect(rowCount).toBe(kind === 'acceptance' ? 2 : 0);
    },
  );

  it('is held back for a second invitation between the same two members within the interval (D15)', async () => {
    const { handler } = harness.start();
    await handler.handle([profile('alice'), profile('bob'), profile('carol'), sent('alice', 'bob')]);
    await harness.expectMails(1);
    await handler.handle([sent('alice', 'bob'), sent('carol', 'bob')]);
    await harness.untilCount(`state = 'queued' AND reason = 'TOO_SOON' AND claim IS NULL`, 1);
    await harness.untilCount(`state = 'sent'`, 2);
    expect(await harness.mails()).toHaveLength(2);
  });

  it('is sent for the follow-up where two are queued: the first is superseded (D2)', async () => {
    const { handler, worker } = harness.create();
    await handler.handle([profile('alice'), profile('bob')]);
    await handler.handle([
      sent('alice', 'bob', { message: 'first' }),
      sent('alice', 'bob', { message: 'second' }),
    ]);
    worker.start();
    expect(await harness.untilStates('suppressed', 'sent')).toHaveLength(2);
    await worker.stop();
    expect((await harness.expectMails(1))[0]!.text).toContain('second');
  });

  it('is sent for every invitation without an interval', async () => {
    const { handler } = harness.start({ env: { INVITATION_MAIL_INTERVAL: 'PT0S' } });
    await handler.handle([profile('alice'), profile('bob'), sent('alice', 'bob'), sent('alice', 'bob')]);
    expect(await harness.expectMails(2)).toHaveLength(2);
  });

  it('is suppressed where the recipient turns invitations off before the server asks for the text (R8)', async () => {
    const atTransfer = () =>
      savePreferences(harness.pool, 'bob', { ...DEFAULT_PREFERENCES, invitations: false });
    const { handler } = harness.start({ atTransfer });
    await handler.handle([profile('alice'), profile('bob'), sent('alice', 'bob')]);
    expect(await harness.untilStates('suppressed')).toMatchObject([{ reason: 'PREFERENCE' }]);
    expect(await harness.mails()).toEqual([]);
  });
});

describe('the acceptance e-mail', () => {
  it('shows the new connection with their address and a summary of their connections (R12, R14)', async () => {
    const { handler } = harness.start();
    const friends = ['carol', 'dan', 'eve', 'frank'];
    await handler.handle(['alice', 'bob', 'greta', ...friends].map((id) => profile(id)));
    await savePreferences(harness.pool, 'bob', { ...DEFAULT_PREFERENCES, all: false });
    await handler.handle(friends.flatMap((id) => [accepted('bob', id), accepted(id, 'alice')]));
    await handler.handle([accepted('bob', 'greta')]);
    await readUntil(
      () => harness.deliveries(),
      (rows) => rows.every(({ state }) => state !== 'queued'),
    );
    await handler.handle([accepted('alice', 'bob')]);
    const toAlice = ({ to }: { readonly to: readonly string[] }) => to[0] === 'alice@example.com';
    const arrived = await readUntil(
      () => harness.mails(),
      (list) => list.some(toAlice),
    );
    const one = arrived.find(toAlice)!;
    expect(one.subject).toBe('Your network has a new member: Bob');
    expect(one.text).toContain('bob@example.com');
    expect(one.text).toContain('https://people.example/bob');
    expect(one.text).toContain(
      'Bob has 6 connections. You have 4 connections in common, among them Frank, Eve, and Dan.',
    );
  });
});

describe('an e-mail that the server does not take', () => {
  it('has failed after a 5xx', async () => {
    const { handler } = harness.start();
    await handler.handle([
      profile('alice'),
      profile('bob', { email: 'reject-5xx@example.com' }),
      sent('alice', 'bob'),
    ]);
    expect(await harness.untilStates('failed')).toMatchObject([{ reason: 'NO_MAILBOX', smtp_code: 550 }]);
  });

  it('is tried again after a 4xx', async () => {
    const { handler } = harness.start({ timings: { pollMs: 20 } });
    await handler.handle([
      profile('alice'),
      profile('bob', { email: 'reject-4xx@example.com' }),
      sent('alice', 'bob'),
    ]);
    await readUntil(
      () => harness.deliveries(),
      ([row]) => row?.smtp_code === 451,
    );
    await handler.handle([profile('bob')]);
    expect(await harness.expectMails(1)).toHaveLength(1);
  });

  it('is tried for the last time after a day, however long the wait would be', async () => {
    const timings = { retryMs: 10 * DAY, longestRetryMs: 10 * DAY, pollMs: 20 };
    const { handler } = harness.start({ timings });
    await handler.handle([
      profile('alice'),
      profile('bob', { email: 'reject-4xx@example.com' }),
      sent('alice', 'bob'),
    ]);
    await readUntil(
      () => harness.count(`state = 'queued' AND reason = 'TRY_AGAIN_LATER' AND claim IS NULL`),
      (count) => count === 1,
    );
    await harness.letTimePass(DAY);
    expect(await harness.untilStates('failed')).toMatchObject([{ reason: 'TRY_AGAIN_LATER' }]);
  });

  it('has failed after a day of 4xx', async () => {
    const { handler } = harness.start({ timings: { giveUpMs: 0 } });
    await handler.handle([
      profile('alice'),
      profile('bob', { email: 'reject-4xx@example.com' }),
      sent('alice', 'bob'),
    ]);
    expect(await harness.untilStates('failed')).toMatchObject([
      { reason: 'TRY_AGAIN_LATER', smtp_code: 451 },
    ]);
  });
});
