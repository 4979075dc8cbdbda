/** An entry of an account was needed that is not loaded. To treat it as absent could decide wrongly. */
export class EntryNotLoadedError extends Error {
  override readonly name = 'EntryNotLoadedError';

  constructor() {
    super('an entry of the account was needed that is not loaded');
  }
}

/** A map of which only some keys are loaded: those with an entry, and those that are known to have none. */
export class PartialMap<Key, Value> extends Map<Key, Value> {
  /** Keys that are known to have no entry. */
  private readonly absent = new Set<Key>();

  /** The number of loaded keys. */
  get loadedKeys(): number {
    return this.size + this.absent.size;
  }

  isLoaded(key: Key): boolean {
    return super.has(key) || this.absent.has(key);
  }

  load(key: Key, value: Value | undefined): void {
    if (value === undefined) this.absent.add(key);
    else this.set(key, value);
  }

  /** @throws EntryNotLoadedError */
  override get(key: Key): Value | undefined {
    if (!this.isLoaded(key)) throw new EntryNotLoadedError();
    return super.get(key);
  }

  /** @throws EntryNotLoadedError */
  override has(key: Key): boolean {
    if (!this.isLoaded(key)) throw new EntryNotLoadedError();
    return super.has(key);
  }

  override set(key: Key, value: Value): this {
    this.absent.delete(key);
    return super.set(key, value);
  }
}

/** A set of which only some keys are loaded: its members, and those that are known not to be members. */
export class PartialSet<Key> extends Set<Key> {
  private readonly absent = new Set<Key>();

  /** The number of loaded keys. */
  get loadedKeys(): number {
    return this.size + this.absent.size;
  }

  isLoaded(key: Key): boolean {
    return super.has(key) || this.absent.has(key);
  }

  load(key: Key, isMember: boolean): void {
    if (isMember) this.add(key);
    else this.absent.add(key);
  }

  /** @throws EntryNotLoadedError */
  override has(key: Key): boolean {
    if (!this.isLoaded(key)) throw new EntryNotLoadedError();
    return super.has(key);
  }

  override add(key: Key): this {
    this.absent.delete(key);
    return super.add(key);
  }
}
