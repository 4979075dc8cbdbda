import { createSecretKey, randomFillSync, type KeyObject } from 'node:crypto';
import type { SealText, TextSealer } from '#libs/event-store';
import type { Queryable } from '#libs/platform';
import { AuthorKeyCache } from './author-key-cache.js';
import { findStoredKeys, type StoredKey } from './author-keys.query.js';
import { storeKeys } from './author-keys.table.js';
import { KEY_BYTES, sealText, unwrapKey, wrapKey, type WrappedKey, type WrappingKeys } from './encryption.js';

/** Encrypts the texts of new events with keys of their authors, which it creates. */
export class AuthorTextSealer implements TextSealer {
  constructor(
    private readonly db: Queryable,
    private readonly wrappingKeys: WrappingKeys,
    private readonly cache = new AuthorKeyCache(),
    private readonly now: () => number = Date.now,
  ) {}

  /**
   * Loads the keys of authors, and creates those that are missing. A key is stored before a text is encrypted with it. It takes one
   * statement, a second one if there is a new author, and none if all keys are in the cache. Call it for a whole batch, so that the
   * appends of the batch find the keys there.
   */
  async load(authorIds: readonly string[]): Promise<SealText> {
    const keys = new Map<string, KeyObject>();
    const uncached: string[] = [];
    for (const authorId of authorIds) {
      const key = this.cache.get(authorId);
      if (key === undefined) uncached.push(authorId);
      else keys.set(authorId, key);
    }
    if (uncached.length > 0) await this.loadUncached(uncached, keys);
    return (text, context) => {
      const key = keys.get(context.authorId);
      return key === undefined ? null : sealText(key, text, context);
    };
  }

  private async loadUncached(authorIds: readonly string[], keys: Map<string, KeyObject>): Promise<void> {
    const readAt = this.now();
    const keep = (authorId: string, key: KeyObject) => {
      keys.set(authorId, key);
      this.cache.put(authorId, key, readAt);
    };
    const keepStored = (stored: ReadonlyMap<string, StoredKey>) => {
      for (const [authorId, key] of stored) {
        if (key !== 'erased') keep(authorId, createSecretKey(unwrapKey(this.wrappingKeys, authorId, key)));
      }
    };
    const stored = await findStoredKeys(this.db, authorIds);
    keepStored(stored);
    const missing = stored.size === 0 ? authorIds : authorIds.filter((authorId) => !stored.has(authorId));
    if (missing.length === 0) return;
    const { wrapped, secrets } = this.createKeys(missing);
    if (await storeKeys(this.db, wrapped)) for (const [authorId, key] of secrets) keep(authorId, key);
    // Another process has created a key for one of them, or has erased one, since they were looked for.
    else keepStored(await findStoredKeys(this.db, missing));
  }

  private createKeys(authorIds: readonly string[]) {
    const random = randomFillSync(Buffer.allocUnsafeSlow(KEY_BYTES * authorIds.length));
    const wrapped = new Map<string, WrappedKey>();
    const secrets = new Map<string, KeyObject>();
    authorIds.forEach((authorId, n) => {
      const key = random.subarray(n * KEY_BYTES, (n + 1) * KEY_BYTES);
      wrapped.set(authorId, wrapKey(this.wrappingKeys, authorId, key));
      secrets.set(authorId, createSecretKey(key));
    });
    random.fill(0);
    return { wrapped, secrets };
  }
}
