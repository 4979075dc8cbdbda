import type { KeyObject } from 'node:crypto';

/** An erased key stops working within this time in every process, in milliseconds. */
const KEY_LIFETIME_MS = 60_000;

/** About 10 MiB of keys. */
const MAX_KEYS = 20_000;

/** The unwrapped keys that this process has used last, each for a limited time. Keys that were erased are not kept. */
export class AuthorKeyCache {
  /** The oldest first. */
  private readonly entries = new Map<string, { readonly key: KeyObject; readonly until: number }>();

  constructor(
    private readonly now: () => number = Date.now,
    private readonly maxKeys = MAX_KEYS,
    private readonly lifetimeMs = KEY_LIFETIME_MS,
  ) {}

  get size(): number {
    return this.entries.size;
  }

  get(authorId: string): KeyObject | undefined {
    const entry = this.entries.get(authorId);
    if (entry === undefined) return undefined;
    if (this.now() < entry.until) return entry.key;
    this.entries.delete(authorId);
    return undefined;
  }

  /** @param readAt when the key was read from the database: its lifetime begins then */
  put(authorId: string, key: KeyObject, readAt: number): void {
    this.entries.delete(authorId);
    this.entries.set(authorId, { key, until: readAt + this.lifetimeMs });
    if (this.entries.size > this.maxKeys) this.entries.delete(this.entries.keys().next().value!);
  }
}
