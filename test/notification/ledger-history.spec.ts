import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { account, happen, inLedgerWorld, inShort, ledger, runTool, shown, tool } from './ledger-world.js';

inLedgerWorld();

describe('npm run mail:ledger, one invitation', () => {
  it('shows every mail, and each rightful silence with the number of its rule', async () => {
    const id = await happen(await account(), [
      'InvitationSent',
      'InvitationReminderDue',
      'InvitationIgnored',
      'InvitationDeclined',
      'InvitationWithdrawn',
    ]);
    expect(inShort(await shown(id))).toEqual([
      ['InvitationSent', 'invitation', 'sent'],
      ['InvitationReminderDue', 'reminder', 'sent'],
      ['InvitationIgnored', 'R20', 'R22'],
      ['InvitationDeclined', 'R30', 'R25', 'D6'],
      ['InvitationWithdrawn', 'R33'],
    ]);
    const { out } = await tool(id);
    expect(out).toContain('invitation to bilal: sent');
    expect(out).toContain('nobody is told (R20)');
    expect(out).not.toContain('@');
  });

  it('tells of replies and acceptances, and why a member got none (R8, R13)', async () => {
    const inviter = await account();
    const none = [false, true, false, false, true];
    await ledger.pool.query(
      'INSERT INTO notification.email_preferences VALUES ($1, true, $2, $3, $4, $5), ($6, true, $7, true, true, true)',
      [inviter, ...none.slice(1), 'bilal', none[0]],
    );
    const id = await happen(inviter, ['InvitationSent', 'InvitationReplied', 'InvitationAccepted']);
    expect(inShort(await shown(id))).toEqual([
      ['InvitationSent', 'invitation', 'suppressed', 'PREFERENCE', 'R8'],
      ['InvitationReplied', 'reply', 'sent'],
      ['InvitationAccepted', 'acceptance', 'suppressed', 'PREFERENCE', 'R13'],
    ]);
    expect((await tool(id)).out).not.toContain('private');
  });

  it('tells of a follow-up, on either side of it (D2)', async () => {
    const inviter = await account();
    const first = await happen(inviter, ['InvitationSent']);
    const second = await happen(inviter, ['InvitationSent'], { InvitationSent: { supersedes: first } });
    expect(inShort(await shown(first))).toEqual([
      ['InvitationSent', 'invitation', 'sent'],
      ['InvitationSent', 'D2', 'D6'],
    ]);
    expect(inShort(await shown(second))).toEqual([
      ['InvitationSent', 'invitation', 'suppressed', 'TOO_SOON', 'R9'],
    ]);
    expect((await tool(second)).out).toContain('INVITATION_MAIL_INTERVAL');
  });

  it('tells of reminders that were no longer due, and of a connection the other way round (D6, D8)', async () => {
    const inviter = await account();
    const id = await happen(inviter, ['InvitationSent', 'InvitationReplied', 'InvitationReminderDue']);
    expect(inShort(await shown(id)).at(-1)).toEqual([
      'InvitationReminderDue',
      'reminder',
      'suppressed',
      'ANSWERED',
      'D6',
    ]);
    await happen(inviter, ['ConnectionRecorded'], {
      ConnectionRecorded: {
        at: '2026-01-02T00:00:00.000Z',
        accountId: inviter,
        memberId: 'bilal',
        through: `bilal.${randomUUID()}`,
        closes: id,
      },
    });
    expect(inShort(await shown(id)).at(-1)).toEqual(['ConnectionRecorded', 'D8']);
  });

  it('tells of a mail that is due and not in the ledger', async () => {
    const id = await happen(await account(), ['InvitationSent']);
    await ledger.pool.query('TRUNCATE notification.deliveries');
    expect(await shown(id)).toMatchObject({ entries: [{ event: 'InvitationSent', mail: null }] });
    expect((await tool(id)).out).toContain('not in the ledger yet');
  });

  it('says without the event store what it cannot know', async () => {
    const id = await happen(await account(), ['InvitationSent', 'InvitationIgnored']);
    const { out } = await runTool([id]);
    expect(out).toContain('invitation to bilal: sent');
    expect(out).not.toContain('InvitationIgnored');
    expect(out).toMatch(/Without EVENTSTORE_URL .*R20.*R30.*R33/s);
    expect(JSON.parse((await runTool([id, '--json'])).out)).toMatchObject({ isWhole: false });
  });

  it.each(['amal.3f0c8a52-6a0f-4a35-9f0e-5b1c6f1d2e3a', 'nonsense'])(
    'knows nothing of %s, and says so',
    async (id) => {
      expect(await tool(id)).toEqual({ code: 1, out: '', err: 'mail:ledger: there is no such invitation\n' });
      expect(await runTool([id])).toMatchObject({ code: 1, err: expect.stringContaining('EVENTSTORE_URL') });
    },
  );

  it('says in one line that a server is not there', async () => {
    const { code, err } = await runTool(['summary'], { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' });
    expect([code, err.trimEnd().split('\n')]).toEqual([1, [expect.stringContaining('ECONNREFUSED')]]);
  });

  it.each([
    [],
    ['resend', 'x', 'reply'],
    ['resend', randomUUID(), 'praise'],
    ['dead-letters', 'redrive'],
    ['x', 'y'],
  ])('is called wrongly: %s', async (...args) => {
    expect((await tool(...args)).code).toBe(2);
  });
});
