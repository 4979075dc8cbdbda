import { describe, expect, it } from '@jest/globals';
import { bounce, unbounce } from '../../../apps/notification/src/ledger/members.cli.js';
import { findMembers } from '../../../apps/notification/src/members/members.table.js';
import { TOPICS } from '#libs/contracts';
import { refusingMail } from '../../support/mail.js';
import { accepted, message, profile, reminderDue, removed, sent } from './messages.js';
import { useNotificationHarness } from './notification-harness.js';

describe('members of the notification app (D13)', () => {
  const harness = useNotificationHarness({ mailbox: true });
  /** A server without SMTPUTF8, unlike the mailbox. */
  const ascii = harness.smtp;

  const reasons = async () =>
    (await harness.deliveries()).map(({ recipient_id, state, reason }) => [recipient_id, state, reason]);
  const member = async (id: string) => (await findMembers(harness.pool, [id])).get(id);

  describe('the offset fence of profiles', () => {
    it('keeps an older profile from overwriting a newer one after a pause or a group reset', async () => {
      const end = () => Promise.resolve(new Map([[0, { low: 0n, high: 1_000_000n }]]));
      const { handler } = harness.start({ profileOffsets: end });
      const old = profile('alice');
      const gone = profile('bob');
      await handler.handle([old, gone]);
      await handler.handle([profile('alice', { name: 'Alicia' }), removed('bob')]);
      await handler.handle([old, gone]);
      expect(await member('alice')).toMatchObject({ name: 'Alicia' });
      expect(await member('bob')).toBeUndefined();
    });

    it('decides by offsets, whatever the timestamps of the messages are', async () => {
      const { handler } = harness.start();
      const at = (timestamp: number, name: string) => ({ ...profile('alice', { name }), timestamp });
      const timestamps = [Number(2n ** 63n - 1n), Date.now() * 1_000, Date.now() + 365 * 86_400_000, -1];
      for (const [index, timestamp] of timestamps.entries()) {
        await handler.handle([at(timestamp, `Alice ${index}`)]);
        expect(await member('alice')).toMatchObject({ name: `Alice ${index}` });
      }
    });

    it('starts at offset 0 again where the topic was created again', async () => {
      const { handler } = harness.start();
      const first = profile('alice');
      await handler.handle([first, profile('alice', { name: 'Alicia' })]);
      const end = () => Promise.resolve(new Map([[0, { low: 0n, high: 1n }]]));
      const again = harness.start({ profileOffsets: end });
      await again.handler.handle([{ ...profile('alice', { name: 'Ali' }), offset: '0' }]);
      expect(await member('alice')).toMatchObject({ name: 'Ali' });
    });
  });

  describe('a profile with an unusable field', () => {
    it('gets no e-mail where the address is unusable, and the ledger says NO_ADDRESS', async () => {
      const { handler, registry } = harness.start();
      await handler.handle([profile('alice'), profile('chiara'), sent('alice', 'chiara')]);
      await harness.untilStates('sent');
      await handler.handle([
        profile('chiara', { email: 'chiara..n.@mobile.example', takesInvitations: false }),
        reminderDue('alice', 'chiara'),
        accepted('chiara', 'alice'),
      ]);
      await harness.untilStates('sent', 'suppressed', 'suppressed');
      expect(await reasons()).toEqual([
        ['chiara', 'sent', null],
        ['chiara', 'suppressed', 'NO_ADDRESS'],
        ['chiara', 'suppressed', 'NO_ADDRESS'],
      ]);
      expect(await harness.mails()).toHaveLength(1);
      expect(await registry.metrics()).toContain(
        'invitations_profile_fields_unusable_total{field="email"} 1',
      );
      const { rows } = await harness.pool.query(
        'SELECT takes_invitations FROM notification.members ORDER BY id',
      );
      expect(rows).toEqual([{ takes_invitations: true }, { takes_invitations: false }]);
    });

    it('gets e-mails again once it has an address', async () => {
      const { handler } = harness.start();
      await handler.handle([profile('alice'), profile('bob', { email: 7 }), sent('alice', 'bob')]);
      await harness.untilStates('suppressed');
      await handler.handle([profile('bob'), reminderDue('alice', 'bob')]);
      await harness.untilStates('suppressed', 'sent');
      expect((await harness.mails()).map(({ to }) => to)).toEqual([['bob@example.com']]);
    });

    it('gets e-mails in English where the locale is unusable', async () => {
      const { handler } = harness.start();
      await handler.handle([profile('alice'), profile('bob', { locale: ['ar'] }), sent('alice', 'bob')]);
      await harness.untilStates('sent');
      expect((await harness.mails())[0]!.subject).toBe('Alice would like to connect');
    });

    it('may have a POSIX locale, which counts as usable', async () => {
      const { handler, registry } = harness.start();
      await handler.handle([profile('alice'), profile('bob', { locale: 'ar_EG' }), sent('alice', 'bob')]);
      await harness.untilStates('sent');
      expect((await harness.mails())[0]!.subject).toBe('دعوة للتواصل من Alice');
      expect(await registry.metrics()).toContain(
        'invitations_profile_fields_unusable_total{field="locale"} 0',
      );
    });

    it('is called "a member" without a usable name, and an acceptance shows no empty address', async () => {
      const { handler } = harness.start();
      await handler.handle([
        profile('alice', { name: null, email: null, headline: 5, profileUrl: {} }),
        profile('bob'),
        sent('alice', 'bob'),
        accepted('bob', 'alice'),
      ]);
      await harness.untilStates('sent', 'sent');
      // Both are due at once, so either may be sent first.
      const mails = await harness.mails();
      const invitation = mails.find(({ subject }) => subject === 'A member would like to connect');
      const acceptance = mails.find((mail) => mail !== invitation);
      expect(invitation?.text).toContain('https://network.example/members/alice');
      expect(acceptance?.text).toContain('A member');
      expect(acceptance?.text).not.toContain('E-mail address');
    });

    it('is stored without the characters that PostgreSQL cannot store', async () => {
      const { handler } = harness.start();
      await handler.handle([
        profile('alice', {
          name: 'A\u0000l\ud800',
          headline: '\udc00',
          profileUrl: 'https://a\u0000',
          email: 'a\u0000@b.example',
        }),
      ]);
      expect(await member('alice')).toMatchObject({ name: 'Al\ufffd', headline: '\ufffd', email: '' });
    });
  });

  it('keep their profile where a message is not a profile: it becomes a dead letter', async () => {
    const { handler, registry } = harness.start();
    await handler.handle([profile('alice')]);
    const other = profile('bob').value;
    await handler.handle(
      ['no JSON', '[]', '', other].map((value) => message(TOPICS.profiles, 'alice', value)),
    );
    expect(await member('alice')).toMatchObject({ name: 'Alice' });
    const { rows } = await harness.pool.query<{ reason: string }>(
      'SELECT reason FROM notification.dead_letters ORDER BY position',
    );
    expect(rows.map(({ reason }) => reason)).toEqual([
      'the message is not JSON',
      'data must be a JSON object',
      'the message is empty',
      'id must be the key',
    ]);
    expect(await registry.metrics()).toContain('invitations_profiles_unreadable_total 4');
  });

  describe('an address in another script', () => {
    it('is sent with its domain in ASCII, and shown in its script', async () => {
      const { handler } = harness.start({ smtpUrl: ascii.url });
      await handler.handle([
        profile('alice'),
        profile('noor', { email: 'noor@bu\u0308cher.example' }),
        sent('alice', 'noor'),
        accepted('alice', 'noor'),
      ]);
      await harness.untilStates('sent', 'sent');
      const [toNoor, toAlice] = ascii.mails.toSorted(
        (a, b) => Number(/^To: alice/m.test(a)) - Number(/^To: alice/m.test(b)),
      );
      expect(toNoor).toMatch(/^To: noor@xn--bcher-kva\.example\r$/m);
      expect(toAlice).toContain('noor@b=C3=BCcher.example');
    });

    it('is suppressed in all its spellings by a bounce of one', async () => {
      const { handler } = harness.start();
      await bounce(harness.pool, 'Noor@bücher.example', () => undefined);
      await handler.handle([
        profile('alice'),
        profile('noor', { email: 'noor@xn--bcher-kva.example' }),
        profile('joerg', { email: 'jo\u0308rg@network.example' }),
        sent('alice', 'noor'),
      ]);
      await harness.untilStates('suppressed');
      await bounce(harness.pool, 'JÖRG@network.example', () => undefined);
      await handler.handle([sent('alice', 'joerg')]);
      await harness.untilStates('suppressed', 'suppressed');
      expect((await reasons()).map(([, , reason]) => reason)).toEqual(['ADDRESS_BOUNCED', 'ADDRESS_BOUNCED']);
      await unbounce(harness.pool, 'noor@BU\u0308CHER.example', () => undefined);
      await handler.handle([reminderDue('alice', 'noor')]);
      await harness.untilStates('suppressed', 'suppressed', 'sent');
    });

    it('gets e-mails where the server offers SMTPUTF8', async () => {
      const { handler } = harness.start();
      await handler.handle([
        profile('alice'),
        profile('joerg', { email: 'jo\u0308rg@network.example' }),
        sent('alice', 'joerg'),
      ]);
      await harness.untilStates('sent');
      expect((await harness.mails())[0]!.to).toEqual(['j\u00f6rg@network.example']);
    });

    it('fails alone where the development server offers no SMTPUTF8', async () => {
      const old = await refusingMail({ smtpUtf8: false });
      const { handler } = harness.start({ smtpUrl: old.smtpUrl });
      await handler.handle([
        profile('alice'),
        profile('joerg', { email: 'jörg@bücher.example' }),
        profile('noor', { email: 'noor@bücher.example' }),
        sent('alice', 'joerg'),
        sent('alice', 'noor'),
      ]);
      await harness.untilStates('failed', 'sent');
      expect(await reasons()).toEqual([
        ['joerg', 'failed', 'NO_SMTPUTF8'],
        ['noor', 'sent', null],
      ]);
      await harness.stopApps();
      await old.stop();
    });

    it('fails with NO_SMTPUTF8 where the server does not offer it, and is not suppressed', async () => {
      const { handler } = harness.start({ smtpUrl: ascii.url });
      await handler.handle([
        profile('alice'),
        profile('joerg', { email: 'jörg@network.example' }),
        sent('alice', 'joerg'),
      ]);
      await harness.untilStates('failed');
      expect(await reasons()).toEqual([['joerg', 'failed', 'NO_SMTPUTF8']]);
      expect(ascii.commands).toContain('EHLO');
      expect(ascii.commands.filter((command) => ['MAIL', 'RCPT', 'DATA'].includes(command))).toEqual([]);
      expect((await harness.pool.query('SELECT FROM notification.bounced_addresses')).rowCount).toBe(0);
      // The connection can be used for others, and the address can be used with a server that supports SMTPUTF8.
      await handler.handle([profile('bob'), sent('alice', 'bob')]);
      await harness.untilStates('failed', 'sent');
      const other = harness.start();
      await other.handler.handle([reminderDue('alice', 'joerg')]);
      await harness.expectMails(1);
    });
  });
});
