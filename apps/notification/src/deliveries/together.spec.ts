import { describe, expect, it } from '@jest/globals';
import { Together } from './together.js';

describe('work that is done together', () => {
  it('takes with the next what comes while some is under way, and gives each its own result', async () => {
    const batches: number[][] = [];
    const double = new Together(async (items: readonly number[]) => {
      batches.push([...items]);
      await Promise.resolve();
      return items.map((item) => item * 2);
    });
    expect(await Promise.all([1, 2, 3].map((item) => double.do(item)))).toEqual([2, 4, 6]);
    expect(await double.do(4)).toBe(8);
    expect(batches).toEqual([[1], [2, 3], [4]]);
  });

  it('keeps apart what must not go together, in order', async () => {
    const batches: string[][] = [];
    const work = new Together(
      async (items: readonly string[]) => {
        batches.push([...items]);
        await Promise.resolve();
        return items;
      },
      (item) => item[0],
    );
    await Promise.all(['x', 'a1', 'a2', 'b1', 'a3'].map((item) => work.do(item)));
    expect(batches).toEqual([['x'], ['a1', 'b1'], ['a2'], ['a3']]);
  });

  it('a failure is that of all who were in it, and of nobody else', async () => {
    let fails = true;
    const work = new Together((items: readonly number[]) =>
      fails ? Promise.reject(new Error('no database')) : Promise.resolve(items),
    );
    await expect(work.do(1)).rejects.toThrow('no database');
    fails = false;
    expect(await work.do(2)).toBe(2);
  });
});
