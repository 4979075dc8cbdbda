import { describe, expect, it } from '@jest/globals';
import { recorded } from '../../../test/support/recorded.js';
import { handOut, movedOn } from './hand-out.js';
import type { Held } from './leases/seat.js';

const at = (n: number) => ({ commit: BigInt(n), prepare: BigInt(n) });
const holding = (...slices: [slice: number, position: number | undefined][]): Held =>
  new Map(
    slices.map(([slice, n]) => [slice, { slice, epoch: 1n, position: n === undefined ? undefined : at(n) }]),
  );
const none = new Set<string>();
const ids = (events: readonly { id: string }[]) => events.map(({ id }) => id);

describe('a batch', () => {
  it('is handed out but for what a slice has behind it', () => {
    const events = [recorded(1, 0), recorded(2, 1), recorded(3, 0), recorded(4, 1)];
    const { free, to } = handOut(events, holding([0, 2], [1, undefined]), none);
    expect(ids(free)).toEqual(['2', '3', '4']);
    expect(to).toEqual(at(4));
  });

  it('moves all slices that are behind its end, also those that it has nothing of, and no other', () => {
    const held = holding([0, 1], [1, undefined], [2, 9], [3, 4]);
    const handedOut = handOut([recorded(2, 0), recorded(4, 0)], held, none);
    expect(handedOut.moved.map(({ slice }) => slice)).toEqual([0, 1]);
    const after = movedOn(held, handedOut);
    expect([...after.values()].map(({ position }) => position?.commit)).toEqual([4n, 4n, 9n, 4n]);
    expect(handOut([recorded(2, 0), recorded(4, 0)], after, none)).toMatchObject({ free: [], moved: [] });
  });

  it('lets events of parked accounts wait, and not those of others in their slice', () => {
    const events = [recorded(1, 0, 'amal'), recorded(2, 0, 'bilal'), recorded(3, 0, 'amal')];
    const { free, waiting } = handOut(events, holding([0, undefined]), new Set(['amal']));
    expect(ids(waiting)).toEqual(['1', '3']);
    expect(ids(free)).toEqual(['2']);
  });

  it('has nothing of slices that are not held', () => {
    const { free, waiting } = handOut([recorded(1, 5), recorded(2, 5)], holding([0, undefined]), none);
    expect([...free, ...waiting]).toEqual([]);
  });
});
