import { describe, expect, it } from '@jest/globals';
import {
  DEFAULT_PREFERENCES,
  savePreferences,
} from '../../apps/notification/src/preferences/preferences.table.js';
import { profile, replied } from './messages.js';
import { ledgerOf, untilStates } from './notification-under-test.js';
import { linkIn, sendingUnderTest } from './sending-under-test.js';

const MEMBERS = [profile('alice'), profile('bob')];

describe('replies', () => {
  const { ledger, start, mails, expectMails } = sendingUnderTest();

  it('go to the inviter with what the recipient wrote, and claim no connection (R16)', async () => {
    const { intake } = start();
    const message = 'Hello <b>Alice</b>\nأنا في Cairo';
    await intake.handle([...MEMBERS, replied('alice', 'bob', { message })]);
    const [one] = await expectMails(1);
    expect(one).toMatchObject({
      to: ['alice@example.com'],
      subject: 'Bob has replied to your invitation',
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
    expect((await ledger().pool.query('SELECT FROM notification.connections')).rowCount).toBe(0);
  });

  it('lead to the preferences of the inviter, and end by one POST, on their own', async () => {
    const { intake } = start();
    await intake.handle([...MEMBERS, replied('alice', 'bob')]);
    const [one] = await expectMails(1);
    const [, preferences] = /(\S+)\s*$/.exec(one!.text)!;
    expect(linkIn(preferences!, 'preferences')).toMatchObject({ memberId: 'alice' });
    const [, unsubscribe] = /^<(.*)>$/.exec(one!.headers['list-unsubscribe']!)!;
    expect(linkIn(unsubscribe!, 'unsubscribe')).toMatchObject({ memberId: 'alice', kind: 'replies' });
    expect(one!.headers['list-unsubscribe-post']).toBe('List-Unsubscribe=One-Click');
  });

  it('the same message three times is one e-mail, and its text is not kept', async () => {
    const { intake } = start();
    const message = replied('alice', 'bob');
    for (let time = 0; time < 3; time += 1) {
      await intake.handle([...MEMBERS, message]);
      await untilStates(ledger().pool, 'sent');
    }
    expect(await mails()).toHaveLength(1);
    expect(await ledgerOf(ledger().pool)).toMatchObject([{ kind: 'reply', content: null }]);
  });

  it.each(['all', 'replies'] as const)('do not go to whom has turned off %s', async (preference) => {
    const { intake } = start();
    await savePreferences(ledger().pool, 'alice', { ...DEFAULT_PREFERENCES, [preference]: false });
    await intake.handle([...MEMBERS, replied('alice', 'bob')]);
    expect(await untilStates(ledger().pool, 'suppressed')).toMatchObject([
      { reason: 'PREFERENCE', content: null },
    ]);
    expect(await mails()).toEqual([]);
  });

  it('are in the language of the inviter, not of the reply (D14)', async () => {
    const { intake } = start();
    await intake.handle([profile('layla', { locale: 'ar' }), profile('bob')]);
    await intake.handle([replied('layla', 'bob', { message: 'Which team are you in?' })]);
    const [one] = await expectMails(1);
    expect(one!.subject).toBe('رد من Bob على دعوتك');
    expect(one!.html).toMatch(/<div dir="ltr"[^>]*>Which team are you in\?<\/div>/);
  });

  it('come through whole at their longest, whatever they are made of (D9)', async () => {
    const { intake } = start();
    const message = '👩‍🚀ل'.repeat(500);
    await intake.handle([...MEMBERS, replied('alice', 'bob', { message })]);
    const [one] = await expectMails(1);
    expect(one!.text.replaceAll(/\s/g, '')).toContain(message);
  });
});
