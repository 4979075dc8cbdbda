import { describe, expect, it } from '@jest/globals';
import {
  DEFAULT_PREFERENCES,
  savePreferences,
} from '../../../apps/notification/src/preferences/preferences.table.js';
import { profile, replied } from './messages.js';
import { linkIn, useNotificationHarness } from './notification-harness.js';

const MEMBERS = [profile('alice'), profile('bob')];

describe('the reply e-mail', () => {
  const harness = useNotificationHarness({ mailbox: true });

  it('goes to the inviter with the text of the recipient, and does not say that they are connected (R16)', async () => {
    const { handler } = harness.start();
    const message = 'Hello <b>Alice</b>\nأنا في Cairo';
    await handler.handle([...MEMBERS, replied('alice', 'bob', { message })]);
    const [one] = await harness.expectMails(1);
    expect(one).toMatchObject({
      to: ['alice@example.com'],
      subject: 'Bob replied to your invitation',
      headers: { 'auto-submitted': 'auto-generated' },
    });
    expect(one!.text).toContain('  Hello <b>Alice</b>\n  أنا في Cairo\n');
    expect(one!.html).toContain('>Hello &lt;b>Alice&lt;/b></div>');
    expect(one!.html).toMatch(/<div dir="rtl"[^>]*>أنا في Cairo<\/div>/);
    expect(one!.text).toContain('https://people.example/bob');
    const all = `${one!.html}${one!.text}`;
    expect(all).not.toContain('bob@example.com');
    expect(all).not.toMatch(/connected|new member/);
    expect(one!.headers['references']).toBeUndefined();
    expect((await harness.pool.query('SELECT FROM notification.connections')).rowCount).toBe(0);
  });

  it('links to the preferences of the inviter, and has an unsubscribe link of its own for one POST', async () => {
    const { handler } = harness.start();
    await handler.handle([...MEMBERS, replied('alice', 'bob')]);
    const [one] = await harness.expectMails(1);
    const [, preferences] = /(\S+)\s*$/.exec(one!.text)!;
    expect(linkIn(preferences!, 'preferences')).toMatchObject({ memberId: 'alice' });
    const [, unsubscribe] = /^<(.*)>$/.exec(one!.headers['list-unsubscribe']!)!;
    expect(linkIn(unsubscribe!, 'unsubscribe')).toMatchObject({ memberId: 'alice', kind: 'replies' });
    expect(one!.headers['list-unsubscribe-post']).toBe('List-Unsubscribe=One-Click');
  });

  it('is sent once for a message that is consumed three times, and its text is deleted afterwards', async () => {
    const { handler } = harness.start();
    const message = replied('alice', 'bob');
    for (let time = 0; time < 3; time += 1) {
      await handler.handle([...MEMBERS, message]);
      await harness.untilStates('sent');
    }
    expect(await harness.mails()).toHaveLength(1);
    expect(await harness.deliveries()).toMatchObject([{ kind: 'reply', content: null }]);
  });

  it.each(['all', 'replies'] as const)(
    'is suppressed for an inviter who has turned off %s',
    async (preference) => {
      const { handler } = harness.start();
      await savePreferences(harness.pool, 'alice', { ...DEFAULT_PREFERENCES, [preference]: false });
      await handler.handle([...MEMBERS, replied('alice', 'bob')]);
      expect(await harness.untilStates('suppressed')).toMatchObject([
        { reason: 'PREFERENCE', content: null },
      ]);
      expect(await harness.mails()).toEqual([]);
    },
  );

  it('is in the language of the inviter, and keeps the direction of the reply (D14)', async () => {
    const { handler } = harness.start();
    await handler.handle([profile('layla', { locale: 'ar' }), profile('bob')]);
    await handler.handle([replied('layla', 'bob', { message: 'Which team are you in?' })]);
    const [one] = await harness.expectMails(1);
    expect(one!.subject).toBe('رد من Bob على دعوتك');
    expect(one!.html).toMatch(/<div dir="ltr"[^>]*>Which team are you in\?<\/div>/);
  });

  it('carries the longest reply whole, also with characters of many code points (D9)', async () => {
    const { handler } = harness.start();
    const message = '👩‍🚀ل'.repeat(500);
    await handler.handle([...MEMBERS, replied('alice', 'bob', { message })]);
    const [one] = await harness.expectMails(1);
    expect(one!.text.replaceAll(/\s/g, '')).toContain(message);
  });
});
