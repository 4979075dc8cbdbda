import { runOutsideSpans } from '#libs/platform';

/** Limits how many tasks run at the same time. The others wait in the order in which they came. */
export class Semaphore {
  private readonly waiting: (() => void)[] = [];
  private free: number;

  /** @param permits tasks that may run at the same time */
  constructor(permits: number) {
    this.free = permits;
  }

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.free += 1;
      else next();
    }
  }
}

/** A wait that another task can end. A notification before the wait is not lost: the wait then ends at once. */
export class AsyncSignal {
  private isPending = false;
  private endWait: (() => void) | undefined;

  notify(): void {
    this.isPending = true;
    this.endWait?.();
  }

  /** Waits for a notification, or for the given milliseconds. */
  async wait(ms: number): Promise<void> {
    if (!this.isPending) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.endWait = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.endWait = undefined;
    }
    this.isPending = false;
  }
}

interface Submission<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Group commit: runs one batch at a time, and collects the items that are submitted meanwhile into the next batch. A
 * commit costs the same for one item as for many.
 */
export class Batcher<Item, Result> {
  private waiting: Submission<Item, Result>[] = [];
  private isRunning = false;

  /**
   * @param runBatch returns one result for each item, in their order
   * @param exclusiveKey two items with the same key are never in one batch; undefined: the item fits into every batch
   */
  constructor(
    private readonly runBatch: (items: readonly Item[]) => Promise<readonly Result[]>,
    private readonly exclusiveKey: (item: Item) => string | undefined = () => undefined,
  ) {}

  /** @throws the error of the item's batch; the item may have taken effect all the same */
  submit(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      if (!this.isRunning) void runOutsideSpans(() => this.runAll());
    });
  }

  private async runAll(): Promise<void> {
    this.isRunning = true;
    while (this.waiting.length > 0) {
      const batch = this.nextBatch();
      try {
        const results = await this.runBatch(batch.map(({ item }) => item));
        batch.forEach(({ resolve }, index) => resolve(results[index]!));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.isRunning = false;
  }

  private nextBatch(): Submission<Item, Result>[] {
    const keys = new Set<string>();
    const batch: Submission<Item, Result>[] = [];
    const rest: Submission<Item, Result>[] = [];
    for (const submission of this.waiting) {
      const key = this.exclusiveKey(submission.item);
      if (key !== undefined && keys.has(key)) rest.push(submission);
      else batch.push(submission);
      if (key !== undefined) keys.add(key);
    }
    this.waiting = rest;
    return batch;
  }
}
