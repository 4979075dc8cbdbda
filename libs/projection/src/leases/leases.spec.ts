import { describe, expect, it } from '@jest/globals';
import type { OwnedSlices } from './fencing.js';
import { fairShare, needsRebalance, slicesToAcquire, slicesToRelease, type GroupState } from './leases.js';

const replicas = (count: number) => Array.from({ length: count }, (_, n) => `replica-${n}`);

describe('fairShare', () => {
  it.each([1, 2, 3, 4, 5, 8, 63, 64, 65, 100])('divides all slices evenly among %d replicas', (count) => {
    const live = replicas(count);
    const shares = live.map((replica) => fairShare(live, replica, 64));
    expect(shares.reduce((sum, share) => sum + share, 0)).toBe(64);
    expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
  });

  it('does not depend on the order of the replicas', () => {
    const live = replicas(5);
    for (const replica of live) {
      expect(fairShare(live.toReversed(), replica, 64)).toBe(fairShare(live, replica, 64));
    }
  });

  it('is 0 for a replica that is not in the list', () => {
    expect(fairShare(replicas(2), 'stranger', 64)).toBe(0);
  });
});

const ME = 'b';
const epochs = (count: number, epoch = 1n) =>
  new Map(Array.from({ length: count }, (_, slice) => [slice, epoch] as const));
const group = (change: Partial<GroupState> = {}): GroupState => ({
  liveGeneration: 1,
  liveReplicas: ['a', ME],
  owned: epochs(32),
  unowned: 0,
  hasOperatorRequest: false,
  ...change,
});
const assigned: OwnedSlices = new Map(
  [...epochs(32)].map(([slice, epoch]) => [slice, { slice, epoch, position: undefined }]),
);

describe('slicesToAcquire', () => {
  it.each<[string, Partial<GroupState>, number]>([
    ['fills up the fair share', { owned: epochs(10), unowned: 40 }, 22],
    ['takes no more than the unowned slices', { owned: epochs(10), unowned: 4 }, 4],
    ['takes all slices for the only replica', { liveReplicas: [ME], owned: epochs(0), unowned: 64 }, 64],
    ['takes none for a replica with its fair share', { unowned: 10 }, 0],
    ['takes none for a replica above its fair share', { owned: epochs(64), unowned: 10 }, 0],
    ['takes none for a replica not alive', { liveReplicas: ['a'], owned: epochs(0), unowned: 64 }, 0],
  ])('%s', (_title, change, expected) => {
    expect(slicesToAcquire(group(change), ME)).toBe(expected);
  });
});

describe('slicesToRelease', () => {
  it('releases the slices above the fair share', () => {
    expect(slicesToRelease(group(), ME)).toEqual([]);
    expect(slicesToRelease(group({ owned: epochs(34) }), ME)).toEqual([32, 33]);
    expect(slicesToRelease(group({ liveReplicas: ['a', ME, 'c'] }), ME)).toHaveLength(11);
  });
});

describe('needsRebalance', () => {
  it.each<[string, Partial<GroupState>, boolean]>([
    ['is false while nothing changes', {}, false],
    ['is false while other replicas have yet to acquire their slices', { unowned: 10 }, false],
    ['is true when a replica joins', { liveReplicas: ['a', ME, 'c'] }, true],
    ['is true when slices were acquired', { liveReplicas: [ME], owned: epochs(64) }, true],
    ['is true when a slice was lost', { owned: epochs(31) }, true],
    ['is true when a slice was lost and acquired again', { owned: epochs(32, 2n) }, true],
    ['is true when an operator has requested an action', { hasOperatorRequest: true }, true],
  ])('%s', (_title, change, expected) => {
    expect(needsRebalance(group(change), ME, assigned)).toBe(expected);
  });
});
