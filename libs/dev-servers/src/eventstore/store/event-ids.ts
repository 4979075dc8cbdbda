const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** @returns the lower-case form, or undefined when the text is not a UUID */
export function normalizeEventId(text: string): string | undefined {
  return UUID.test(text) ? text.toLowerCase() : undefined;
}

/** @param id a normalized UUID */
export function eventIdBytes(id: string): Buffer {
  return Buffer.from(id.replaceAll('-', ''), 'hex');
}

export function eventIdFromBytes(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** Events in one of the two generations; both together take a few MB. */
const GENERATION_SIZE = 50_000;

/**
 * The ordinals of the latest events by id. Older events are forgotten, as on the real server, which remembers about as many.
 * Two generations, because a Map whose first entry is removed again and again is slow.
 */
export class RecentEventIds {
  static readonly capacity = 2 * GENERATION_SIZE;

  #latest = new Map<string, number>();
  #previous = new Map<string, number>();

  add(id: string, ordinal: number): void {
    if (this.#latest.size === GENERATION_SIZE) {
      this.#previous = this.#latest;
      this.#latest = new Map();
    }
    this.#latest.set(id, ordinal);
  }

  ordinalOf(id: string): number | undefined {
    return this.#latest.get(id) ?? this.#previous.get(id);
  }
}
