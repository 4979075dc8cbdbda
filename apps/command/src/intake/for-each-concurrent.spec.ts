import { describe, expect, it } from '@jest/globals';
import { forEachConcurrent } from './for-each-concurrent.js';

/** Work that waits until the test lets it go on. */
function gates(count: number) {
  const all = Array.from({ length: count }, () => Promise.withResolvers<void>());
  const begun: number[] = [];
  const work = async (item: number) => {
    begun.push(item);
    await all[item]!.promise;
  };
  return { all, begun, work, items: [...all.keys()] };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('forEachConcurrent', () => {
  it('processes every item, a limited number at a time', async () => {
    const { all, begun, work, items } = gates(5);
    const done = forEachConcurrent(2, items, work);
    expect(begun).toEqual([0, 1]);
    all[1]!.resolve();
    await settle();
    expect(begun).toEqual([0, 1, 2]);
    for (const { resolve } of all) resolve();
    await done;
    expect(begun).toEqual([0, 1, 2, 3, 4]);
  });

  it('starts nothing after a failure, and throws it when all running work has ended', async () => {
    const { all, begun, work, items } = gates(4);
    let failure: unknown;
    const done = forEachConcurrent(2, items, work).catch((error: unknown) => {
      failure = error;
    });
    const first = new Error('first');
    all[0]!.reject(first);
    await settle();
    expect(failure).toBeUndefined();
    all[1]!.resolve();
    await done;
    expect(failure).toBe(first);
    expect(begun).toEqual([0, 1]);
  });

  it('throws the earliest of several failures', async () => {
    const { all, work, items } = gates(2);
    const done = forEachConcurrent(2, items, work);
    all[1]!.reject(new Error('first'));
    await settle();
    all[0]!.reject(new Error('second'));
    await expect(done).rejects.toThrow('first');
  });

  it('returns at once without items', async () => {
    await expect(forEachConcurrent(4, [], () => Promise.reject(new Error('never')))).resolves.toBeUndefined();
  });
});
