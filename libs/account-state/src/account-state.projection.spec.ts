import { describe, expect, it } from '@jest/globals';
import type { InvitationEvent } from '#libs/invitation';
import { MemoryAccountState } from '../../../test/support/account-state.js';
import { rowsAfter } from '../../../test/support/rows.js';
import {
  accountClosed,
  AMAL,
  BILAL,
  closed,
  connected,
  declined,
  ended,
  id,
  ignored,
  INVITATION,
  lifted,
  minute,
  replied,
  restored,
  restricted,
  sent,
  withdrawn,
} from '../../../test/support/story.js';
import { accountStateProjection, type AccountEvent } from './account-state.projection.js';

const eventId = (revision: number) => `00000000-0000-5000-8000-${String(revision).padStart(12, '0')}`;

const at = (revision: number, event: InvitationEvent): AccountEvent => ({
  accountId: AMAL,
  revision: BigInt(revision),
  id: eventId(revision),
  event,
});

const stream = (...events: InvitationEvent[]) => events.map((event, revision) => at(revision, event));

/** Also checks that a repeat of each event, and of the whole history, changes nothing. */
function rows(history: readonly AccountEvent[]) {
  const once = rowsAfter(accountStateProjection, history);
  expect(
    rowsAfter(
      accountStateProjection,
      history.flatMap((event) => [event, event]),
    ),
  ).toEqual(once);
  expect(rowsAfter(accountStateProjection, [...history, ...history])).toEqual(once);
  return Object.fromEntries([...once].map(([key, { revision, state }]) => [key, { revision, ...state }]));
}

const foldOf = (history: readonly AccountEvent[]) => rows(history)[AMAL]!['fold' as never];

describe('the projection account-state', () => {
  it('has a head, and a row for each relation, invitation and processed command', () => {
    expect(rows(stream(sent(1), ignored(2), declined(3), restricted(3)))).toEqual({
      [AMAL]: { revision: '3', fold: 2, eventId: eventId(3), sent: 1, restricted: true, declinedBy: [BILAL] },
      [`${AMAL} r ${BILAL}`]: {
        revision: '2',
        connected: false,
        blocked: true,
        emailRequired: false,
        open: INVITATION,
        lastSentAt: minute(1),
      },
      [`${AMAL} i ${INVITATION}`]: { revision: '2', status: 'declined', recipientId: BILAL },
      [`${AMAL} c ${id(1)}`]: { revision: '0' },
      [`${AMAL} c ${id(2)}`]: { revision: '1' },
      [`${AMAL} c ${id(3)}`]: { revision: '3' },
    });
  });

  it('stores that an account was closed, and what ended with it (D23)', () => {
    const after = rows(stream(sent(1), accountClosed(2), closed(3), ended(4, AMAL)));
    expect(after[AMAL]).toMatchObject({ revision: '3', closed: true });
    expect(after[`${AMAL} i ${INVITATION}`]).toEqual({
      revision: '2',
      status: 'closed',
      recipientId: BILAL,
    });
    const { open, ...relation } = after[`${AMAL} r ${BILAL}`] as unknown as Record<string, unknown>;
    expect(open).toBeUndefined();
    expect(relation).toMatchObject({ connected: false, ended: true });
    expect(rows(stream(connected(1), ended(2)))[AMAL]).not.toHaveProperty('closed');
  });

  it('stores that an invitation was restored, and its reply (D17, D20)', () => {
    const invitation = (...since: InvitationEvent[]) =>
      rows(stream(sent(1), ...since))[`${AMAL} i ${INVITATION}`];
    expect(invitation(ignored(2), restored(3))).toEqual({
      revision: '2',
      status: 'restored',
      recipientId: BILAL,
    });
    expect(invitation(replied(2), ignored(3), restored(4))).toMatchObject({ status: 'replied' });
    expect(invitation(ignored(2), restored(3), ignored(4))).toMatchObject({
      status: 'ignored',
      replied: false,
    });
  });

  it('forgets at a lift who declined, and keeps the bar (D7, R25)', () => {
    const after = rows(stream(sent(1), ignored(2), declined(3), restricted(3), lifted(4)));
    expect(after[AMAL]).toMatchObject({ restricted: false, declinedBy: [], revision: '4' });
    expect(after[`${AMAL} r ${BILAL}`]).toMatchObject({ blocked: true });
  });

  it('changes the invitation that a follow-up or a connection closes', () => {
    const followUp = sent(3, { supersedes: INVITATION });
    expect(rows(stream(sent(1), followUp))[`${AMAL} i ${INVITATION}`]).toMatchObject({
      status: 'superseded',
    });
    expect(rows(stream(sent(1), connected(2, INVITATION)))[`${AMAL} i ${INVITATION}`]).toMatchObject({
      status: 'superseded',
    });
  });

  it.each<[string, AccountEvent[]]>([
    ['the stream does not begin with its first event', [at(1, sent(1))]],
    ['an event was skipped', [at(0, sent(1)), at(2, withdrawn(3))]],
    ['later events follow a gap', [at(0, sent(1)), at(2, withdrawn(3)), at(3, sent(4))]],
  ])('makes a head unusable if %s', (_what, history) => {
    expect(foldOf(history)).toBe(0);
  });

  it('makes a head unusable if its last event was replaced by another one', () => {
    const replaced = [at(0, sent(1)), { ...at(0, sent(2)), id: eventId(9) }, at(1, withdrawn(3))];
    const { state } = rowsAfter(accountStateProjection, replaced).get(AMAL)!;
    expect(state).toMatchObject({ fold: 0 });
  });

  it('makes a head unusable if another version has folded its earlier events', () => {
    const head = rowsAfter(accountStateProjection, [at(0, sent(1))]).get(AMAL)!;
    const older = { ...head, state: { ...head.state, fold: 7 } };
    expect(accountStateProjection.fold(older, at(1, withdrawn(2)), AMAL)!.state).toMatchObject({ fold: 0 });
  });
});

describe('findProjectedAccounts', () => {
  const nothing = { members: [], invitations: [] };

  it('returns the head and the entries that are asked for, with the relation to the recipient of an invitation', async () => {
    const state = new MemoryAccountState();
    state.append(AMAL, [sent(1), sent(2, { recipientId: 'dalia' })]);
    state.project();
    const entries = [{ commandId: id(1), members: ['emre'], invitations: [INVITATION] }];
    const { accounts: found } = await state.find([
      { accountId: AMAL, entries },
      { accountId: 'nobody', entries },
    ]);
    expect([...found.keys()]).toEqual([AMAL]);
    const projected = found.get(AMAL)!;
    if (projected === 'unusable') throw new Error('unusable');
    const account = projected.toAccount();
    expect([projected.revision, account.sent]).toEqual([1n, 2]);
    expect(account.processedCommandIds.has(id(1))).toBe(true);
    expect(account.relations.get('emre')).toBeUndefined();
    expect(account.relations.get(BILAL)).toMatchObject({ open: INVITATION });
    expect(account.invitations.get(INVITATION)).toMatchObject({ status: 'untouched' });
    expect(() => account.relations.get('dalia')).toThrow('not loaded');
    expect(() => account.processedCommandIds.has(id(2))).toThrow('not loaded');
  });

  it('says that a head is unusable', async () => {
    const state = new MemoryAccountState();
    state.apply(at(1, sent(1)));
    const { accounts } = await state.find([{ accountId: AMAL, entries: [{ commandId: id(1), ...nothing }] }]);
    expect(accounts.get(AMAL)).toBe('unusable');
  });

  it('says which members have a closed account, whatever else is asked (D23)', async () => {
    const state = new MemoryAccountState();
    state.append(AMAL, [sent(1), accountClosed(2)]);
    state.append(BILAL, [connected(1)]);
    state.project();
    const asked = [{ accountId: AMAL, entries: [] }];
    const found = await state.find(asked, [AMAL, BILAL, 'nobody']);
    expect([...found.closed]).toEqual([AMAL]);
    expect([...found.accounts.keys()]).toEqual([AMAL]);
    expect((await state.find(asked, [BILAL])).closed).toEqual(new Set());
  });
});
