import { beforeEach, describe, expect, it } from '@jest/globals';
import { explainReason } from '../../../apps/notification/src/ledger/ledger-row.js';
import { accepted, profile, reminderDue, replied, sent } from './messages.js';
import { useNotificationHarness } from './notification-harness.js';

const MEMBERS = ['alice', 'bob', 'carol'].map((id) => profile(id));
const SUPPRESSED = { state: 'suppressed', reason: 'ACCOUNT_CLOSED', content: null };

const harness = useNotificationHarness({ mailbox: true });

beforeEach(() => harness.pool.query('TRUNCATE read_models.account_state_g1'));

/** As the projection of the accounts shows it. */
const state = (id: string, head: object) =>
  harness.pool.query('INSERT INTO read_models.account_state VALUES ($1, 0, $2)', [id, JSON.stringify(head)]);
const close = (id: string) => state(id, { sent: 1, closed: true });

describe('an e-mail to or about a member whose account is closed', () => {
  it.each([
    ['initial', sent],
    ['reminder', reminderDue],
    ['acceptance', accepted],
    ['reply', replied],
  ] as const)('is not sent: %s (D23)', async (_kind, happened) => {
    await close('alice');
    await state('bob', { sent: 1 });
    const { handler } = harness.start();
    const ofTheOne = [happened('alice', 'bob'), happened('bob', 'alice')];
    await handler.handle([...MEMBERS, ...ofTheOne, happened('bob', 'carol')]);
    const rows = await harness.untilStates('suppressed', 'suppressed', 'sent');
    expect(rows.slice(0, 2)).toMatchObject([SUPPRESSED, SUPPRESSED]);
    expect(await harness.mails()).toHaveLength(1);
  });

  it('is not sent if the account is closed while its transfer begins', async () => {
    const { handler } = harness.start({ atTransfer: async () => void (await close('alice')) });
    await handler.handle([...MEMBERS, sent('alice', 'bob')]);
    expect(await harness.untilStates('suppressed')).toMatchObject([SUPPRESSED]);
    expect(await harness.mails()).toHaveLength(0);
  });

  it('does not wait for the profile of a member who has left', async () => {
    await close('zoe');
    const { handler } = harness.start();
    await handler.handle([...MEMBERS, sent('zoe', 'bob')]);
    expect(await harness.untilStates('suppressed')).toMatchObject([SUPPRESSED]);
  });

  it('is explained to operators', () => {
    expect(explainReason('ACCOUNT_CLOSED', 'reminder')).toEqual({
      rule: 'D23',
      words: 'the account of one of the two members is closed',
    });
  });
});

describe('the acceptance e-mail', () => {
  it('does not name a common connection whose account is closed (D23, R14)', async () => {
    const { handler } = harness.start();
    await handler.handle([...MEMBERS, profile('dave')]);
    await handler.handle([
      accepted('carol', 'alice'),
      accepted('carol', 'bob'),
      accepted('dave', 'alice'),
      accepted('dave', 'bob'),
    ]);
    await harness.expectMails(4);
    await close('carol');
    await handler.handle([accepted('alice', 'bob')]);
    const mails = await harness.expectMails(5);
    const { text } = mails.find(({ to }) => to.includes('alice@example.com'))!;
    expect(text).toContain('Dave');
    expect(text).not.toContain('Carol');
  });
});
