import { createSecretKey, type KeyObject } from 'node:crypto';
import { sealedTextOf, UnknownEventError, withText, type RawEvent } from '#libs/event-store/read-only';
import type { Queryable } from '#libs/platform';
import { AuthorKeyCache } from './author-key-cache.js';
import { findStoredKeys } from './author-keys.query.js';
import { openText, unwrapKey, WrappingKeyMissingError, type WrappingKey } from './encryption.js';

/**
 * Why a text cannot be read: its author was erased; the database has no key of the author although there must be one, as after a
 * restore of an older backup; or the key does not fit the ciphertext.
 */
export type UnreadableText = 'erased' | 'missing' | 'damaged';

/** Decrypts the texts of stored events with the keys of their authors. */
export class AuthorTextOpener {
  constructor(
    private readonly wrappingKeys: readonly WrappingKey[],
    private readonly cache = new AuthorKeyCache(),
    private readonly now: () => number = Date.now,
  ) {}

  /**
   * Returns events with their texts; a text that cannot be read is null. Events without an encrypted text are returned as they are.
   * Reads the keys with at most one statement.
   * @param onUnreadable is called for each text that cannot be read
   * @throws WrappingKeyMissingError
   */
  async open(
    db: Queryable,
    events: readonly RawEvent[],
    onUnreadable: (event: RawEvent, reason: UnreadableText) => void = () => undefined,
  ): Promise<readonly RawEvent[]> {
    const sealed = events.map(sealedTextOf);
    const authors = new Set(sealed.flatMap((text) => (text?.sealed == null ? [] : [text.context.authorId])));
    if (authors.size === 0 && sealed.every((text) => text === undefined)) return events;
    const keys = await this.load(db, [...authors]);
    return events.map((event, index) => {
      const text = sealed[index];
      if (text === undefined) return event;
      const opened = openWith(keys, text.sealed, text.context);
      if (opened.text === null) onUnreadable(event, opened.reason);
      return withText(event, opened.text);
    });
  }

  private async load(
    db: Queryable,
    authorIds: readonly string[],
  ): Promise<ReadonlyMap<string, KeyObject | 'erased'>> {
    const keys = new Map<string, KeyObject | 'erased'>();
    const unknown: string[] = [];
    for (const authorId of authorIds) {
      const key = this.cache.get(authorId);
      if (key === undefined) unknown.push(authorId);
      else keys.set(authorId, key);
    }
    const readAt = this.now();
    for (const [authorId, stored] of await findStoredKeys(db, unknown)) {
      if (stored === 'erased') {
        keys.set(authorId, stored);
        continue;
      }
      const key = createSecretKey(unwrapKey(this.wrappingKeys, authorId, stored));
      keys.set(authorId, key);
      this.cache.put(authorId, key, readAt);
    }
    return keys;
  }

  /**
   * Like `open`, for projections, whose rows must not lose a text that could be read later: only the text of an erased author is null.
   * @throws UnknownEventError for an event with any other text that cannot be read; its account is then parked
   */
  openOrFail(db: Queryable, events: readonly RawEvent[]): Promise<readonly RawEvent[]> {
    return this.open(db, events, (event, reason) => {
      if (reason !== 'erased') throw new UnreadableTextError(event, DESCRIPTIONS[reason]);
    }).catch((error: unknown) => {
      if (error instanceof WrappingKeyMissingError) throw new UnreadableTextError(events[0]!, error.message);
      throw error;
    });
  }
}

const DESCRIPTIONS: Readonly<Record<Exclude<UnreadableText, 'erased'>, string>> = {
  missing: 'has an encrypted text, and the database has no key of its author',
  damaged: "has an encrypted text that the author's key does not decrypt",
};

/** An event whose text cannot be decrypted. The message names no values. */
class UnreadableTextError extends UnknownEventError {
  constructor({ revision, streamId, type }: RawEvent, why: string) {
    super(`${revision}@${streamId}: ${type} ${why}`);
  }
}

type Opened = { readonly text: string } | { readonly text: null; readonly reason: UnreadableText };

function openWith(
  keys: ReadonlyMap<string, KeyObject | 'erased'>,
  sealed: string | null,
  context: Parameters<typeof openText>[2],
): Opened {
  if (sealed === null) return { text: null, reason: 'erased' };
  const key = keys.get(context.authorId);
  if (key === undefined) return { text: null, reason: 'missing' };
  if (key === 'erased') return { text: null, reason: 'erased' };
  const text = openText(key, sealed, context);
  return text === undefined ? { text: null, reason: 'damaged' } : { text };
}
