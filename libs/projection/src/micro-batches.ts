/** How many batches are collected while the consumer works on one. With a single one, the source would wait for each slow commit. */
const READ_AHEAD = 2;

/**
 * Collects the arrays of a source into batches. A batch is closed `maxWaitMs` after its first item, or with the array
 * that fills it to `maxItems`. While the consumer works on one batch, the next `READ_AHEAD` are collected and then the source has
 * to wait (backpressure). If the source throws, items that came before are yielded first.
 * @param open starts the source, which must end when the signal aborts
 * @param onRead is called with each array of the source; none is empty
 */
export async function* microBatches<T>(
  open: (signal: AbortSignal) => AsyncIterable<readonly T[]>,
  maxItems: number,
  maxWaitMs: number,
  onRead: (items: readonly T[]) => void = () => undefined,
): AsyncGenerator<T[], void, void> {
  const closing = new AbortController();
  const source = open(closing.signal)[Symbol.asyncIterator]();
  const buffer = new BatchBuffer<T>(maxItems);
  const filling = fill(buffer, source, onRead, closing.signal);
  // The source may fail while the consumer is busy, long before `filling` is awaited. An unhandled rejection would end
  // the process.
  filling.catch(() => undefined);
  try {
    for (;;) {
      const batch = await buffer.drain(maxWaitMs);
      if (batch.length > 0) yield batch;
      else break;
    }
    await filling;
  } finally {
    // A generator runs return() only after its pending next(), which may wait for an event for hours: abort it first.
    closing.abort();
    buffer.close();
    await source.return?.();
  }
}

/** @throws the source's error, after everything before it was pushed */
async function fill<T>(
  buffer: BatchBuffer<T>,
  source: AsyncIterator<readonly T[]>,
  onRead: (items: readonly T[]) => void,
  signal: AbortSignal,
): Promise<void> {
  try {
    while (!signal.aborted) {
      const next = await source.next();
      if (next.done === true || signal.aborted) return;
      onRead(next.value);
      buffer.push(next.value);
      if (buffer.isFull) await buffer.waitForCapacity();
    }
  } finally {
    buffer.close();
  }
}

/** Items between the source and the consumer. */
class BatchBuffer<T> {
  private arrays: (readonly T[])[] = [];
  private count = 0;
  /** When the oldest item arrived. */
  private firstAt = 0;
  private isClosed = false;
  /** Wakes `drain`: the first item has arrived, the buffer is full, or it was closed. */
  private wakeReader: (() => void) | undefined;
  private wakeWriter: (() => void) | undefined;

  constructor(private readonly maxItems: number) {}

  get isFull(): boolean {
    return this.count >= READ_AHEAD * this.maxItems;
  }

  private get hasWholeBatch(): boolean {
    return this.count >= this.maxItems;
  }

  push(items: readonly T[]): void {
    const isFirst = this.count === 0;
    if (isFirst) this.firstAt = performance.now();
    this.arrays.push(items);
    this.count += items.length;
    if (isFirst || this.hasWholeBatch) this.wakeReader?.();
  }

  close(): void {
    this.isClosed = true;
    this.wakeReader?.();
    this.wakeWriter?.();
  }

  async waitForCapacity(): Promise<void> {
    if (this.isFull && !this.isClosed) await new Promise<void>((resolve) => (this.wakeWriter = resolve));
  }

  /** @returns the batch; empty once the buffer is closed and drained */
  async drain(maxWaitMs: number): Promise<T[]> {
    if (this.count === 0 && !this.isClosed) await this.waitForChange();
    const remainingMs = this.firstAt + maxWaitMs - performance.now();
    if (!this.hasWholeBatch && !this.isClosed && remainingMs > 0) await this.waitForChange(remainingMs);
    const batch = this.takeBatch();
    this.wakeWriter?.();
    return batch;
  }

  /** Takes whole arrays until the batch is full. */
  private takeBatch(): T[] {
    let taken = 0;
    let arrays = 0;
    while (arrays < this.arrays.length && taken < this.maxItems) taken += this.arrays[arrays++]!.length;
    this.count -= taken;
    // `firstAt` stays: the remaining items have waited for the consumer, so the next batch does not wait for more.
    return this.arrays.splice(0, arrays).flat();
  }

  private async waitForChange(timeoutMs?: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.wakeReader = resolve;
      if (timeoutMs !== undefined) timer = setTimeout(resolve, timeoutMs);
    });
    clearTimeout(timer);
    this.wakeReader = undefined;
  }
}
