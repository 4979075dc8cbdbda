/**
 * Gathers what a source gives into batches: closed when it holds `maxItems`, or `maxWaitMs` after its first item. While
 * the consumer is at work, the next batch is gathered, and no more than that: a slow consumer holds the source back.
 * What came before an error of the source is given before the error.
 * @param open starts the source, which is to end when the signal aborts
 * @param seen is told of each item as it comes
 */
export async function* microBatches<T>(
  open: (signal: AbortSignal) => AsyncIterable<T>,
  maxItems: number,
  maxWaitMs: number,
  seen: (item: T) => void = () => undefined,
): AsyncGenerator<T[], void, void> {
  const closing = new AbortController();
  const items = open(closing.signal)[Symbol.asyncIterator]();
  const basin = new Basin<T>(maxItems);
  const filling = fill(basin, items, seen, closing.signal);
  try {
    for (;;) {
      const batch = await basin.take(maxWaitMs);
      if (batch.length > 0) yield batch;
      else break;
    }
    await filling;
  } finally {
    // A generator takes return() only once its next() is through, and on a quiet night that waits for an event.
    closing.abort();
    basin.close();
    filling.catch(() => undefined);
    await items.return?.();
  }
}

/** Throws what the source throws, once all that came before is in the basin. */
async function fill<T>(
  basin: Basin<T>,
  items: AsyncIterator<T>,
  seen: (item: T) => void,
  signal: AbortSignal,
): Promise<void> {
  try {
    while (!signal.aborted) {
      const next = await items.next();
      if (next.done === true || signal.aborted) return;
      seen(next.value);
      basin.put(next.value);
      if (basin.isFull) await basin.room();
    }
  } finally {
    basin.close();
  }
}

/** What has come and was not taken yet. */
class Basin<T> {
  private items: T[] = [];
  private firstAt = 0;
  private isClosed = false;
  /** Wakes the taker: there is a first item, the basin is full, or nothing more will come. */
  private wakeTaker: (() => void) | undefined;
  private wakeFiller: (() => void) | undefined;

  constructor(private readonly maxItems: number) {}

  get isFull(): boolean {
    return this.items.length >= this.maxItems;
  }

  put(item: T): void {
    if (this.items.push(item) === 1) {
      this.firstAt = performance.now();
      this.wakeTaker?.();
    } else if (this.isFull) {
      this.wakeTaker?.();
    }
  }

  close(): void {
    this.isClosed = true;
    this.wakeTaker?.();
    this.wakeFiller?.();
  }

  async room(): Promise<void> {
    if (this.isFull && !this.isClosed) await new Promise<void>((resolve) => (this.wakeFiller = resolve));
  }

  /** @returns nothing once it is closed and empty */
  async take(maxWaitMs: number): Promise<T[]> {
    if (this.items.length === 0 && !this.isClosed) await this.change();
    const left = this.firstAt + maxWaitMs - performance.now();
    if (!this.isFull && !this.isClosed && left > 0) await this.change(left);
    const taken = this.items;
    this.items = [];
    this.wakeFiller?.();
    return taken;
  }

  private async change(withinMs?: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.wakeTaker = resolve;
      if (withinMs !== undefined) timer = setTimeout(resolve, withinMs);
    });
    clearTimeout(timer);
    this.wakeTaker = undefined;
  }
}
