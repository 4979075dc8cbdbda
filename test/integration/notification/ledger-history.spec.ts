import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import {
  appendAndConsume,
  appendUnreadable,
  createInviter,
  harness,
  readHistory,
  runTool,
  summarize,
  tool,
  useLedgerTool,
} from './ledger-tool-harness.js';

useLedgerTool();

describe('mail:ledger invitation', () => {
  it('shows every e-mail, and the rule behind every event without one', async () => {
    const id = await appendAndConsume(await createInviter(), [
      'InvitationSent',
      'InvitationReminderDue',
      'InvitationIgnored',
      'InvitationDeclined',
      'InvitationWithdrawn',
    ]);
    expect(summarize(await readHistory(id))).toEqual([
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

  it('leaves out events that it cannot read, and says so', async () => {
    const inviter = await createInviter();
    const id = await appendAndConsume(inviter, ['InvitationSent']);
    await appendUnreadable(inviter);
    expect(await readHistory(id)).toMatchObject({ isWhole: false, entries: [{ event: 'InvitationSent' }] });
    const { code, out } = await tool(id);
    expect(code).toBe(0);
    expect(out).toContain('Left out, because this version cannot read it: 1@account-');
  });

  it('shows why an e-mail about a reply or an acceptance was suppressed (R8, R13)', async () => {
    const inviter = await createInviter();
    const none = [false, true, false, false, true];
    await harness.pool.query(
      'INSERT INTO notification.email_preferences VALUES ($1, true, $2, $3, $4, $5), ($6, true, $7, true, true, true)',
      [inviter, ...none.slice(1), 'bilal', none[0]],
    );
    const id = await appendAndConsume(inviter, ['InvitationSent', 'InvitationReplied', 'InvitationAccepted']);
    expect(summarize(await readHistory(id))).toEqual([
      ['InvitationSent', 'invitation', 'suppressed', 'PREFERENCE', 'R8'],
      ['InvitationReplied', 'reply', 'sent'],
      ['InvitationAccepted', 'acceptance', 'suppressed', 'PREFERENCE', 'R13'],
    ]);
    expect((await tool(id)).out).not.toContain('private');
  });

  it('shows a follow-up in the history of both invitations (D2)', async () => {
    const inviter = await createInviter();
    const first = await appendAndConsume(inviter, ['InvitationSent']);
    const second = await appendAndConsume(inviter, ['InvitationSent'], {
      InvitationSent: { supersedes: first },
    });
    expect(summarize(await readHistory(first))).toEqual([
      ['InvitationSent', 'invitation', 'sent'],
      ['InvitationSent', 'D2', 'D16', 'D6'],
    ]);
    expect(summarize(await readHistory(second))).toEqual([
      ['InvitationSent', 'invitation', 'queued', 'TOO_SOON', 'D15'],
    ]);
    expect((await tool(second)).out).toContain('INVITATION_MAIL_INTERVAL');
  });

  it('shows a reminder that was suppressed, and a connection by another invitation (D6, D8)', async () => {
    const inviter = await createInviter();
    const id = await appendAndConsume(inviter, [
      'InvitationSent',
      'InvitationReplied',
      'InvitationReminderDue',
    ]);
    expect(summarize(await readHistory(id)).at(-1)).toEqual([
      'InvitationReminderDue',
      'reminder',
      'suppressed',
      'ANSWERED',
      'D6',
    ]);
    await appendAndConsume(inviter, ['ConnectionRecorded'], {
      ConnectionRecorded: {
        at: new Date().toISOString(),
        accountId: inviter,
        memberId: 'bilal',
        through: `bilal.${randomUUID()}`,
        closes: id,
      },
    });
    expect(summarize(await readHistory(id)).at(-1)).toEqual(['ConnectionRecorded', 'D8']);
  });

  it('shows an event whose e-mail is not in the ledger yet', async () => {
    const id = await appendAndConsume(await createInviter(), ['InvitationSent']);
    await harness.pool.query('TRUNCATE notification.deliveries');
    expect(await readHistory(id)).toMatchObject({ entries: [{ event: 'InvitationSent', mail: null }] });
    expect((await tool(id)).out).toContain('not in the ledger yet');
  });

  it('names the events that it cannot show without the event store', async () => {
    const id = await appendAndConsume(await createInviter(), ['InvitationSent', 'InvitationIgnored']);
    const { out } = await runTool([id]);
    expect(out).toContain('invitation to bilal: sent');
    expect(out).not.toContain('InvitationIgnored');
    expect(out).toMatch(/Without EVENTSTORE_URL .*R20.*R30.*R33/s);
    expect(JSON.parse((await runTool([id, '--json'])).out)).toMatchObject({ isWhole: false });
  });

  it.each(['amal.3f0c8a52-6a0f-4a35-9f0e-5b1c6f1d2e3a', 'nonsense'])(
    'fails for an invitation that does not exist: %s',
    async (id) => {
      expect(await tool(id)).toEqual({ code: 1, out: '', err: 'mail:ledger: there is no such invitation\n' });
      expect(await runTool([id])).toMatchObject({ code: 1, err: expect.stringContaining('EVENTSTORE_URL') });
    },
  );

  it('prints one line where the database cannot be reached', async () => {
    const { code, err } = await runTool(['summary'], { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' });
    expect([code, err.trimEnd().split('\n')]).toEqual([1, [expect.stringContaining('ECONNREFUSED')]]);
  });

  it.each([
    [],
    ['resend', 'x', 'reply'],
    ['resend', randomUUID(), 'praise'],
    ['dead-letters', 'redrive'],
    ['x', 'y'],
  ])('exits with 2 for wrong arguments: %s', async (...args) => {
    expect((await tool(...args)).code).toBe(2);
  });
});
