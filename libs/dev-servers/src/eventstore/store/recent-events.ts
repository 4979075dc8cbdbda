/** Events of a generation; there are two, and a few MB are enough for them. */
const GENERATION = 50_000;

/**
 * Which of the latest events has an id. Older ones are forgotten, as by the real server, whose bound is memory and of
 * the same order. By generations, because a Map from which the first entry is removed again and again is slow.
 */
export class RecentEvents {
  static readonly capacity = 2 * GENERATION;

  #latest = new Map<string, number>();
  #before = new Map<string, number>();

  add(id: string, ordinal: number): void {
    if (this.#latest.size === GENERATION) {
      this.#before = this.#latest;
      this.#latest = new Map();
    }
    this.#latest.set(id, ordinal);
  }

  ordinalOf(id: string): number | undefined {
    return this.#latest.get(id) ?? this.#before.get(id);
  }
}
