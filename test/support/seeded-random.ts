/** Reproducible random numbers: the same seed gives the same numbers (mulberry32). */
export class SeededRandom {
  constructor(private state: number) {}

  /** Returns 0 to 1, without 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Returns 0 to count - 1. */
  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  /** Returns 0 to 2 ** 53 - 1. */
  safeInteger(): number {
    return this.below(2 ** 21) * 2 ** 32 + this.below(2 ** 32);
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }

  uuid(): string {
    const hex = Array.from({ length: 32 }, () => this.below(16).toString(16)).join('');
    const parts = [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`];
    return `${parts.join('-')}-${hex.slice(20)}`;
  }
}
