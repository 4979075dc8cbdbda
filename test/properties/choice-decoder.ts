/** Decodes one large number into a series of choices, so that fast-check generates and shrinks a whole step as a number. */
export class ChoiceDecoder {
  constructor(private rest: number) {}

  /** Returns 0 to count - 1, and 0 once the number is used up. */
  index(count: number): number {
    if (count < 1) return 0;
    const chosen = this.rest % count;
    this.rest = Math.floor(this.rest / count);
    return chosen;
  }

  pick<Option>(options: readonly Option[]): Option {
    return options[this.index(options.length)]!;
  }
}
