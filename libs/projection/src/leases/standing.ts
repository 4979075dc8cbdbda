import { SLICES } from '#libs/event-store';
import type { Standing } from './leases.js';
import type { Held } from './seat.js';
import { shareOf } from './share.js';

/** How many slices the replica may take now. */
export function missing({ live, mine, free }: Standing, replica: string): number {
  return Math.max(0, Math.min(free, shareOf(live, replica, SLICES) - mine.size));
}

/** The slices that the replica holds beyond its share, for others to take. */
export function surplus({ live, mine }: Standing, replica: string): number[] {
  return [...mine.keys()].toSorted((a, b) => a - b).slice(shareOf(live, replica, SLICES));
}

/** Whether a worker on the slices that it holds has to finish its batch and look again. */
export function isOutdated(standing: Standing, replica: string, held: Held): boolean {
  const { mine, isWanted } = standing;
  if (isWanted || surplus(standing, replica).length > 0 || mine.size !== held.size) return true;
  return [...held.values()].some(({ slice, epoch }) => mine.get(slice) !== epoch);
}
