import { describe, expect, it } from '@jest/globals';
import type { VersionedAccount } from '#libs/event-store';
import { evolve, initialState } from '#libs/invitation';
import { sent } from '../../../../test/support/story.js';
import { AccountCache } from './account-cache.js';

/** Of one invitation, by the estimate. */
const AN_ACCOUNT = 1_130;

const anAccount = (revision = 0n): VersionedAccount => ({
  account: evolve(initialState(), sent(1)),
  revision,
});
const ids = (name: string, count: number) => Array.from({ length: count }, (_, n) => `${name}-${n}`);
const kept = (cache: AccountCache, accounts: readonly string[]) =>
  accounts.filter((account) => cache.take(account) !== undefined);

/** Of eighty accounts of one invitation each: ten that came once, seventy that came again. */
const ofEighty = () => new AccountCache(80 * AN_ACCOUNT);

describe('AccountCache', () => {
  it('returns a cached account once, with its revision', () => {
    const cache = ofEighty();
    const at = anAccount(7n);
    cache.put('amal', at);
    expect(cache.take('amal')).toBe(at);
    expect(cache.take('amal')).toBeUndefined();
  });

  it('reserves an eighth of its memory for the latest accounts that were put once', () => {
    const cache = ofEighty();
    const once = ids('once', 1_000);
    for (const account of once) cache.put(account, anAccount());
    expect(cache.bytes).toBe(10 * AN_ACCOUNT);
    expect(kept(cache, once)).toEqual(once.slice(-10));
  });

  it('keeps accounts that were put again, however many others are put once', () => {
    const cache = ofEighty();
    const regulars = ids('regular', 70);
    for (const account of regulars) cache.put(account, anAccount(0n));
    // Most of them are gone by now, and were read again.
    for (const account of regulars) cache.put(account, cache.take(account) ?? anAccount(0n));
    for (const account of ids('once', 1_000)) cache.put(account, anAccount());
    expect(kept(cache, regulars)).toEqual(regulars);
  });

  it('evicts the least recently used of the accounts that were put again', () => {
    const cache = ofEighty();
    const regulars = ids('regular', 71);
    for (const time of [0n, 1n])
      for (const account of regulars) cache.put(account, cache.take(account) ?? anAccount(time));
    expect(cache.bytes).toBeLessThanOrEqual(80 * AN_ACCOUNT);
    expect(kept(cache, regulars)).toEqual(regulars.slice(1));
  });

  it('measures an account by its current size', () => {
    const cache = ofEighty();
    const { account } = anAccount();
    cache.put('amal', { account, revision: 0n });
    const before = cache.bytes;
    cache.take('amal');
    expect(cache.bytes).toBe(0);
    cache.put('amal', { account: evolve(account, sent(2)), revision: 1n });
    expect(cache.bytes).toBeGreaterThan(before);
  });
});
