import { describe, expect, it } from '@jest/globals';
import { rawEvent } from '../../../test/support/raw-event.js';
import { routeBatch, withAdvancedCheckpoints } from './commit-batch.js';
import type { OwnedSlices } from './leases/fencing.js';

const at = (n: number) => ({ commit: BigInt(n), prepare: BigInt(n) });
const owning = (...slices: [slice: number, position: number | undefined][]): OwnedSlices =>
  new Map(
    slices.map(([slice, n]) => [slice, { slice, epoch: 1n, position: n === undefined ? undefined : at(n) }]),
  );
const none = new Set<string>();
const ids = (events: readonly { id: string }[]) => events.map(({ id }) => id);

describe('routeBatch', () => {
  it('omits events up to the checkpoint of their slice', () => {
    const events = [rawEvent(1, 0), rawEvent(2, 1), rawEvent(3, 0), rawEvent(4, 1)];
    const { applicable, to } = routeBatch(events, owning([0, 2], [1, undefined]), none);
    expect(ids(applicable)).toEqual(['2', '3', '4']);
    expect(to).toEqual(at(4));
  });

  it('advances every slice behind the end of the batch, also without an event of it, and no other slice', () => {
    const owned = owning([0, 1], [1, undefined], [2, 9], [3, 4]);
    const batch = routeBatch([rawEvent(2, 0), rawEvent(4, 0)], owned, none);
    expect(batch.advanced.map(({ slice }) => slice)).toEqual([0, 1]);
    const after = withAdvancedCheckpoints(owned, batch);
    expect([...after.values()].map(({ position }) => position?.commit)).toEqual([4n, 4n, 9n, 4n]);
    expect(routeBatch([rawEvent(2, 0), rawEvent(4, 0)], after, none)).toMatchObject({
      applicable: [],
      advanced: [],
    });
  });

  it('defers events of parked accounts, but not of other accounts in the same slice', () => {
    const events = [rawEvent(1, 0, 'amal'), rawEvent(2, 0, 'bilal'), rawEvent(3, 0, 'amal')];
    const { applicable, deferred } = routeBatch(events, owning([0, undefined]), new Set(['amal']));
    expect(ids(deferred)).toEqual(['1', '3']);
    expect(ids(applicable)).toEqual(['2']);
  });

  it('omits events of slices that are not owned', () => {
    const { applicable, deferred } = routeBatch(
      [rawEvent(1, 5), rawEvent(2, 5)],
      owning([0, undefined]),
      none,
    );
    expect([...applicable, ...deferred]).toEqual([]);
  });
});
