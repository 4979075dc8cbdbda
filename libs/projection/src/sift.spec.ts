import { describe, expect, it } from '@jest/globals';
import { recorded } from '../../../test/support/recorded.js';
import { sift } from './sift.js';
import { EventFailed } from './whose-failure.js';

/** Applies all or nothing, and fails for the events that are named. */
function taker(...broken: string[]) {
  const applied: string[] = [];
  const apply = async (events: readonly { id: string }[]) => {
    if (events.some(({ id }) => broken.includes(id))) throw new EventFailed(new RangeError('no'));
    applied.push(...events.map(({ id }) => id));
  };
  return { applied, apply };
}

const amal = [recorded(1, 0, 'amal'), recorded(3, 0, 'amal'), recorded(5, 0, 'amal')];
const bilal = [recorded(2, 1, 'bilal'), recorded(4, 1, 'bilal')];
const batch = [...amal, ...bilal].toSorted((a, b) => Number(a.revision - b.revision));

describe('sifting a batch', () => {
  it('applies what it can, and keeps an account from the event on that failed', async () => {
    const { applied, apply } = taker('3');
    const stuck = await sift(batch, apply);
    expect(stuck).toEqual([
      { accountId: 'amal', slice: 0, error: expect.stringMatching(/^RangeError/), events: amal.slice(1) },
    ]);
    expect(applied).toEqual(['1', '2', '4']);
  });

  it('finds every account that fails', async () => {
    const { applied, apply } = taker('1', '4');
    const stuck = await sift(batch, apply);
    expect(stuck.map(({ accountId, events }) => [accountId, events.length])).toEqual([
      ['amal', 3],
      ['bilal', 1],
    ]);
    expect(applied).toEqual(['2']);
  });

  it('finds nobody when nothing fails any more', async () => {
    const { applied, apply } = taker();
    expect(await sift(batch, apply)).toEqual([]);
    expect(applied).toEqual(['1', '3', '5', '2', '4']);
  });

  it('takes an outage for what it is', async () => {
    const gone = async () => Promise.reject(new Error('the database is gone'));
    await expect(sift(batch, gone)).rejects.toThrow('the database is gone');
  });
});
