import { describe, expect, it } from '@jest/globals';
import { microBatches } from './micro-batches.js';

const LONG_MS = 60_000;

/** A source that gives what the test puts in, and notes what is asked of it. */
class Tap {
  asked = 0;
  returned = 0;
  readonly signals: AbortSignal[] = [];
  private readonly given: (IteratorResult<readonly number[]> | Error)[] = [];
  private waiting: PromiseWithResolvers<IteratorResult<readonly number[]>> | undefined;

  put(...values: number[]): this {
    for (const value of values) this.chunk(value);
    return this;
  }

  chunk(...values: number[]): this {
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
          this.asked += 1;
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

describe('micro-batches', () => {
  it('are closed when they are full', async () => {
    const tap = new Tap().put(1, 2, 3, 4, 5).end();
    expect(await all(microBatches(tap.open, 2, LONG_MS))).toEqual({ batches: [[1, 2], [3, 4], [5]] });
  });

  it('take a chunk as a whole', async () => {
    const tap = new Tap().chunk(1, 2, 3).chunk(4, 5).end();
    expect(await all(microBatches(tap.open, 2, LONG_MS))).toEqual({
      batches: [
        [1, 2, 3],
        [4, 5],
      ],
    });
  });

  it('are closed when their time is up, and the next begins with what came late', async () => {
    const tap = new Tap().put(1, 2);
    const batches = microBatches(tap.open, 100, 10);
    expect((await batches.next()).value).toEqual([1, 2]);
    const next = batches.next();
    tap.put(3);
    expect((await next).value).toEqual([3]);
    tap.end();
    expect((await batches.next()).done).toBe(true);
  });

  it('give nothing for a source that gives nothing', async () => {
    expect(await all(microBatches(new Tap().end().open, 10, LONG_MS))).toEqual({ batches: [] });
    expect(await all(microBatches(new Tap().fail('lost').open, 10, LONG_MS))).toEqual({
      batches: [],
      error: 'lost',
    });
  });

  it('give what came before an error, then the error', async () => {
    const tap = new Tap().put(1, 2, 3).fail('unknown event');
    expect(await all(microBatches(tap.open, 2, LONG_MS))).toEqual({
      batches: [[1, 2], [3]],
      error: 'unknown event',
    });
  });

  it('gather the next batch while the consumer is at work, and ask for no more than that', async () => {
    const tap = new Tap().put(1, 2, 3, 4, 5, 6, 7, 8, 9);
    const batches = microBatches(tap.open, 3, LONG_MS);
    await batches.next();
    await new Promise((resolve) => setImmediate(resolve));
    expect(tap.asked).toBe(6);
    expect((await batches.next()).value).toEqual([4, 5, 6]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(tap.asked).toBe(9);
    await batches.return();
  });

  it('tell of each chunk as it comes', async () => {
    const seen: number[] = [];
    const tap = new Tap().put(1, 2, 3).end();
    await all(microBatches(tap.open, 2, LONG_MS, (chunk) => seen.push(...chunk)));
    expect(seen).toEqual([1, 2, 3]);
  });

  it('close the source when the consumer has had enough', async () => {
    const tap = new Tap().put(1, 2, 3);
    for await (const batch of microBatches(tap.open, 2, LONG_MS)) {
      expect(batch).toEqual([1, 2]);
      break;
    }
    expect(tap.returned).toBe(1);
    expect(tap.signals[0]!.aborted).toBe(true);
  });

  it('do not wait for another event when the consumer fails while none comes', async () => {
    // As the event store's subscription: a generator, which takes return() only after the next() that it waits in.
    async function* quiet(signal: AbortSignal) {
      yield [1];
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    }
    const consume = async () => {
      for await (const [item] of microBatches(quiet, 10, 1)) throw new Error(`no room for ${item}`);
    };
    await expect(consume()).rejects.toThrow('no room for 1');
  });

  it('leave no rejection behind when the source fails after the consumer has gone', async () => {
    const tap = new Tap().put(1);
    const batches = microBatches(tap.open, 10, 1);
    await batches.next();
    await batches.return();
    tap.fail('too late');
    await new Promise((resolve) => setImmediate(resolve));
    expect(tap.returned).toBe(1);
  });
});
