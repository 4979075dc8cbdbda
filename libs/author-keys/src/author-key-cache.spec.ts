import { createSecretKey, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { AuthorKeyCache } from './author-key-cache.js';

const key = createSecretKey(randomBytes(32));

describe('AuthorKeyCache', () => {
  it('forgets a key when its lifetime since it was read has passed, even if it is used', () => {
    let now = 1_000;
    const cache = new AuthorKeyCache(() => now, 10, 60_000);
    cache.put('amal', key, now);
    for (now = 1_000; now < 61_000; now += 1_000) expect(cache.get('amal')).toBe(key);
    expect(cache.get('amal')).toBeUndefined();
    expect(cache.size).toBe(0);
  });

  it('counts the lifetime from the read, not from when the key arrived', () => {
    const cache = new AuthorKeyCache(() => 70_000, 10, 60_000);
    cache.put('amal', key, 5_000);
    expect(cache.get('amal')).toBeUndefined();
  });

  it('holds a limited number of keys: the oldest goes first', () => {
    const cache = new AuthorKeyCache(() => 0, 2, 60_000);
    for (const author of ['amal', 'bilal', 'chen']) cache.put(author, key, 0);
    expect(['amal', 'bilal', 'chen'].map((author) => cache.get(author) !== undefined)).toEqual([
      false,
      true,
      true,
    ]);
  });
});
