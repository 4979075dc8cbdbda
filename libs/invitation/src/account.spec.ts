import { describe, expect, it } from '@jest/globals';
import {
  decide,
  DEFAULT_POLICY,
  EntryNotLoadedError,
  evolve,
  loadEntries,
  partialAccount,
  initialState,
  type Account,
} from '#libs/invitation';
import { isLoaded, PartialMap, PartialSet } from './account.js';
import {
  accept,
  BILAL,
  declined,
  id,
  INVITATION,
  reminded,
  restored,
  minute,
  send,
  sent,
} from '../../../test/support/story.js';

const UNKNOWN_COMMAND = {
  relations: new Map(),
  invitations: new Map(),
  processedCommandIds: new Map([[id(9), false]]),
};

/** An account of which nothing but the absence of the command 9 is loaded. */
function blank(): Account {
  const account = partialAccount(initialState());
  loadEntries(account, UNKNOWN_COMMAND);
  return account;
}

describe('a partial map or set', () => {
  it('throws for a key that is not loaded, and tells those that are', () => {
    const map = new PartialMap<string, number>();
    map.load('present', 1);
    map.load('absent', undefined);
    expect([map.get('present'), map.get('absent'), map.has('absent'), map.loadedKeys]).toEqual([
      1,
      undefined,
      false,
      2,
    ]);
    expect(() => map.get('other')).toThrow(EntryNotLoadedError);
    expect(() => map.has('other')).toThrow(EntryNotLoadedError);
    const set = new PartialSet<string>();
    set.load('present', true);
    set.load('absent', false);
    expect([set.has('present'), set.has('absent'), set.loadedKeys]).toEqual([true, false, 2]);
    expect(() => set.has('other')).toThrow(EntryNotLoadedError);
  });

  it('knows what was added', () => {
    const map = new PartialMap<string, number>();
    map.load('absent', undefined);
    map.set('absent', 2).set('new', 3);
    expect([map.get('absent'), map.get('new'), map.loadedKeys]).toEqual([2, 3, 2]);
    const set = new PartialSet<string>();
    set.load('absent', false);
    set.add('absent').add('new');
    expect([set.has('absent'), set.has('new'), set.loadedKeys]).toEqual([true, true, 2]);
  });
});

describe('decide on a partial account', () => {
  it.each([
    ['the relation', send(9)],
    ['the invitation', accept(9)],
    ['the processed command', send(8)],
  ])('throws if %s is not loaded', (_what, command) => {
    expect(() => decide(blank(), command, DEFAULT_POLICY)).toThrow(EntryNotLoadedError);
  });

  it('needs nothing but the head for a restriction', () => {
    const lift = {
      type: 'LiftRestriction',
      commandId: id(9),
      at: minute(9),
      accountId: 'amal',
      operatorId: 'o',
      reason: '',
    } as const;
    expect(decide(blank(), lift, DEFAULT_POLICY)).toEqual({ outcome: 'refused', code: 'NOT_FOUND' });
    expect(decide({ ...blank(), restricted: true }, lift, DEFAULT_POLICY).outcome).toBe('accepted');
  });
});

describe('evolve on a partial account', () => {
  it('leaves relations and reminders that are not loaded as they are', () => {
    const account = [sent(1), declined(2), reminded(3, 1, minute(9))].reduce(evolve, blank());
    expect(isLoaded(account.relations, BILAL)).toBe(false);
    expect(account.invitations.get(INVITATION)).toEqual({ status: 'declined', recipientId: BILAL });
    expect([account.sent, [...account.declinedBy]]).toEqual([1, [BILAL]]);
    for (const event of [reminded(3, 1, minute(9)), restored(3)])
      expect(isLoaded(evolve(blank(), event).invitations, INVITATION)).toBe(false);
    expect(decide(account, accept(2), DEFAULT_POLICY)).toEqual({ outcome: 'accepted', events: [] });
  });
});
