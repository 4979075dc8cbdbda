import { describe, expect, it } from '@jest/globals';
import { readBusily } from '../../../test/support/busy-consumer.js';
import { microBatches } from './micro-batches.js';

const LONG_MS = 60_000;

/** A source that yields what the test pushes, and counts how often it is read. */
class TestSource {
  reads = 0;
  returned = 0;
  readonly signals: AbortSignal[] = [];
  private readonly given: (IteratorResult<readonly number[]> | Error)[] = [];
  private waiting: PromiseWithResolvers<IteratorResult<readonly number[]>> | undefined;

  push(...values: number[]): this {
    for (const value of values) this.pushArray(value);
    return this;
  }

  pushArray(...values: number[]): this {
    return this.give({ done: false, value: values });
  }

  end(): this {
    return this.give({ done: true, value: undefined });
  }

  fail(message: string): this {
    return this.give(new Error(message));
  }

  readonly open = (signal: AbortSignal): AsyncIterable<readonly number[]> => {
    this.signals.push(signal);
    return {
      [Symbol.asyncIterator]: () => ({
        next: () => {
          this.reads += 1;
          this.waiting = Promise.withResolvers();
          const { promise } = this.waiting;
          this.serve();
          return promise;
        },
        return: async () => {
          this.returned += 1;
          return { done: true as const, value: undefined };
        },
      }),
    };
  };

  private give(result: IteratorResult<readonly number[]> | Error): this {
    this.given.push(result);
    this.serve();
    return this;
  }

  private serve(): void {
    if (this.waiting === undefined || this.given.length === 0) return;
    const { resolve, reject } = this.waiting;
    this.waiting = undefined;
    const result = this.given.shift()!;
    if (result instanceof Error) reject(result);
    else resolve(result);
  }
}

async function all(batches: AsyncIterable<number[]>): Promise<{ batches: number[][]; error?: string }> {
  const seen: number[][] = [];
  try {
    for await (const batch of batches) seen.push(batch);
    return { batches: seen };
  } catch (error) {
    return { batches: seen, error: (error as Error).message };
  }
}

describe('microBatches', () => {
  it('closes a batch when it is full', async () => {
    const source = new TestSource().push(1, 2, 3, 4, 5).end();
    expect(await all(microBatches(source.open, 2, LONG_MS))).toEqual({ batches: [[1, 2], [3, 4], [5]] });
  });

  it('adds an array of the source to one batch as a whole', async () => {
    const source = new TestSource().pushArray(1, 2, 3).pushArray(4, 5).end();
    expect(await all(microBatches(source.open, 2, LONG_MS))).toEqual({
      batches: [
        [1, 2, 3],
        [4, 5],
      ],
    });
  });

  it('closes a batch when its time is up, and starts the next with later items', async () => {
    const source = new TestSource().push(1, 2);
    const batches = microBatches(source.open, 100, 10);
    expect((await batches.next()).value).toEqual([1, 2]);
    const next = batches.next();
    source.push(3);
    expect((await next).value).toEqual([3]);
    source.end();
    expect((await batches.next()).done).toBe(true);
  });

  it('yields nothing for an empty source', async () => {
    expect(await all(microBatches(new TestSource().end().open, 10, LONG_MS))).toEqual({ batches: [] });
    expect(await all(microBatches(new TestSource().fail('lost').open, 10, LONG_MS))).toEqual({
      batches: [],
      error: 'lost',
    });
  });

  it('yields the items before an error, then throws it', async () => {
    const source = new TestSource().push(1, 2, 3).fail('unknown event');
    expect(await all(microBatches(source.open, 2, LONG_MS))).toEqual({
      batches: [[1, 2], [3]],
      error: 'unknown event',
    });
  });

  it('collects two batches ahead while the consumer is busy, and reads no further', async () => {
    const source = new TestSource().push(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14);
    const batches = microBatches(source.open, 3, LONG_MS);
    await batches.next();
    await new Promise((resolve) => setImmediate(resolve));
    expect(source.reads).toBe(9);
    expect((await batches.next()).value).toEqual([4, 5, 6]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(source.reads).toBe(12);
    expect((await batches.next()).value).toEqual([7, 8, 9]);
    await batches.return();
  });

  it('does not wait for more items than have waited for the consumer', async () => {
    const source = new TestSource().push(1, 2, 3);
    const batches = microBatches(source.open, 2, 10);
    expect((await batches.next()).value).toEqual([1, 2]);
    expect((await batches.next()).value).toEqual([3]);
    await batches.return();
  });

  it('calls onRead with each array of the source', async () => {
    const seen: number[] = [];
    const source = new TestSource().push(1, 2, 3).end();
    await all(microBatches(source.open, 2, LONG_MS, (items) => seen.push(...items)));
    expect(seen).toEqual([1, 2, 3]);
  });

  it('closes the source when the consumer stops', async () => {
    const source = new TestSource().push(1, 2, 3);
    for await (const batch of microBatches(source.open, 2, LONG_MS)) {
      expect(batch).toEqual([1, 2]);
      break;
    }
    expect(source.returned).toBe(1);
    expect(source.signals[0]!.aborted).toBe(true);
  });

  it('ends when the consumer fails, without waiting for another event', async () => {
    // Like the event store's subscription: a generator, which runs return() only after its pending next().
    async function* quiet(signal: AbortSignal) {
      yield [1];
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    }
    const consume = async () => {
      for await (const [item] of microBatches(quiet, 10, 1)) throw new Error(`cannot store ${item}`);
    };
    await expect(consume()).rejects.toThrow('cannot store 1');
  });

  it('throws an error of the source only when the consumer, busy until then, reads again', async () => {
    const open = (source: AsyncGenerator<readonly number[]>) => microBatches(() => source, 2, 1);
    expect(await readBusily(open, [[1, 2], [3]])).toEqual({
      given: [[1, 2], [3]],
      error: 'the source failed',
    });
  });

  it('leaves no unhandled rejection when the source fails after the consumer has stopped', async () => {
    const source = new TestSource().push(1);
    const batches = microBatches(source.open, 10, 1);
    await batches.next();
    await batches.return();
    source.fail('too late');
    await new Promise((resolve) => setImmediate(resolve));
    expect(source.returned).toBe(1);
  });
});
