interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** A commit costs the same for one as for many: what comes while one is under way goes together with the next. */
export class Together<Item, Result> {
  private waiting: Waiting<Item, Result>[] = [];
  private isRunning = false;

  /**
   * @param work gives a result for each item, in their order
   * @param apart items with the same text never go together; undefined goes with all
   */
  constructor(
    private readonly work: (items: readonly Item[]) => Promise<readonly Result[]>,
    private readonly apart: (item: Item) => string | undefined = () => undefined,
  ) {}

  /** @throws what the work throws; the item may have been done all the same */
  do(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      if (!this.isRunning) void this.run();
    });
  }

  private async run(): Promise<void> {
    this.isRunning = true;
    while (this.waiting.length > 0) {
      const batch = this.take();
      try {
        const results = await this.work(batch.map(({ item }) => item));
        batch.forEach(({ resolve }, index) => resolve(results[index]!));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.isRunning = false;
  }

  private take(): Waiting<Item, Result>[] {
    const taken = new Set<string>();
    const batch: Waiting<Item, Result>[] = [];
    const rest: Waiting<Item, Result>[] = [];
    for (const one of this.waiting) {
      const key = this.apart(one.item);
      if (key !== undefined && taken.has(key)) rest.push(one);
      else batch.push(one);
      if (key !== undefined) taken.add(key);
    }
    this.waiting = rest;
    return batch;
  }
}
