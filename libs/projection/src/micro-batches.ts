/**
 * Gathers the chunks that a source gives into batches: closed when it holds `maxItems`, with what comes in the same chunk,
 * or `maxWaitMs` after its first item. While the consumer is at work, the next batch is gathered, and no more than that:
 * a slow consumer holds the source back.
 * What came before an error of the source is given before the error.
 * @param open starts the source, which is to end when the signal aborts
 * @param seen is told of each chunk as it comes, none of which is empty
 */
export async function* microBatches<T>(
  open: (signal: AbortSignal) => AsyncIterable<readonly T[]>,
  maxItems: number,
  maxWaitMs: number,
  seen: (chunk: readonly T[]) => void = () => undefined,
): AsyncGenerator<T[], void, void> {
  const closing = new AbortController();
  const chunks = open(closing.signal)[Symbol.asyncIterator]();
  const basin = new Basin<T>(maxItems);
  const filling = fill(basin, chunks, seen, closing.signal);
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
    await chunks.return?.();
  }
}

/** Throws what the source throws, once all that came before is in the basin. */
async function fill<T>(
  basin: Basin<T>,
  chunks: AsyncIterator<readonly T[]>,
  seen: (chunk: readonly T[]) => void,
  signal: AbortSignal,
): Promise<void> {
  try {
    while (!signal.aborted) {
      const next = await chunks.next();
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

  put(chunk: readonly T[]): void {
    const isFirst = this.items.length === 0;
    if (isFirst) this.firstAt = performance.now();
    this.items.push(...chunk);
    if (isFirst || this.isFull) this.wakeTaker?.();
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
