import { describe, expect, it } from '@jest/globals';
import { currentTraceparents, withSpans } from '#libs/platform';
import { AsyncSignal, Batcher, Semaphore } from './concurrency.js';

const LONG_MS = 60_000;

describe('Semaphore', () => {
  it('runs as many tasks as it has permits, and the others in order as these end', async () => {
    const semaphore = new Semaphore(2);
    const started: number[] = [];
    const ends: (() => void)[] = [];
    const tasks = [0, 1, 2, 3].map((n) =>
      semaphore.run(() => {
        started.push(n);
        return new Promise<number>((resolve) => (ends[n] = () => resolve(n)));
      }),
    );
    expect(started).toEqual([0, 1]);
    ends[1]!();
    await tasks[1];
    expect(started).toEqual([0, 1, 2]);
    ends[0]!();
    await tasks[0];
    expect(started).toEqual([0, 1, 2, 3]);
    ends[2]!();
    ends[3]!();
    expect(await Promise.all(tasks)).toEqual([0, 1, 2, 3]);
  });

  it('passes the permit of a failed task on', async () => {
    const semaphore = new Semaphore(1);
    const failed = semaphore.run(() => Promise.reject(new Error('failed')));
    const next = semaphore.run(() => Promise.resolve('done'));
    await expect(failed).rejects.toThrow('failed');
    expect(await next).toBe('done');
  });
});

describe('AsyncSignal', () => {
  it('ends a wait when it is notified', async () => {
    const signal = new AsyncSignal();
    const wait = signal.wait(LONG_MS);
    signal.notify();
    await expect(wait).resolves.toBeUndefined();
  });

  it('keeps one notification for the next wait, and not for the wait after that', async () => {
    const signal = new AsyncSignal();
    signal.notify();
    await signal.wait(LONG_MS);
    let isOver = false;
    const second = signal.wait(LONG_MS).then(() => (isOver = true));
    await Promise.resolve();
    expect(isOver).toBe(false);
    signal.notify();
    await second;
  });

  it('ends a wait after its time', async () => {
    await expect(new AsyncSignal().wait(1)).resolves.toBeUndefined();
  });
});

describe('Batcher', () => {
  it('collects items into the next batch while one runs, and gives each item its own result', async () => {
    const batches: number[][] = [];
    const double = new Batcher(async (items: readonly number[]) => {
      batches.push([...items]);
      await Promise.resolve();
      return items.map((item) => item * 2);
    });
    expect(await Promise.all([1, 2, 3].map((item) => double.submit(item)))).toEqual([2, 4, 6]);
    expect(await double.submit(4)).toBe(8);
    expect(batches).toEqual([[1], [2, 3], [4]]);
  });

  it('runs batches outside of the traced work that submits, because they are of other work as well', async () => {
    const span = {
      traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
      hasEnded: false,
      setAttributes: () => undefined,
      fail: () => undefined,
      end: () => undefined,
    };
    const seen: (readonly string[])[] = [];
    const batcher = new Batcher((items: readonly number[]) => {
      seen.push(currentTraceparents());
      return Promise.resolve(items);
    });
    await withSpans([span], async () => {
      await batcher.submit(1);
      seen.push(currentTraceparents());
    });
    expect(seen).toEqual([[], [span.traceparent]]);
  });

  it('puts items with the same key into different batches, in order', async () => {
    const batches: string[][] = [];
    const batcher = new Batcher(
      async (items: readonly string[]) => {
        batches.push([...items]);
        await Promise.resolve();
        return items;
      },
      (item) => item[0],
    );
    await Promise.all(['x', 'a1', 'a2', 'b1', 'a3'].map((item) => batcher.submit(item)));
    expect(batches).toEqual([['x'], ['a1', 'b1'], ['a2'], ['a3']]);
  });

  it('rejects the items of a failed batch, and runs the next batch', async () => {
    let fails = true;
    const batcher = new Batcher((items: readonly number[]) =>
      fails ? Promise.reject(new Error('no database')) : Promise.resolve(items),
    );
    await expect(batcher.submit(1)).rejects.toThrow('no database');
    fails = false;
    expect(await batcher.submit(2)).toBe(2);
  });
});
