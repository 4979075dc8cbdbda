/**
 * How many slices are this replica's: as many as any other's, and one more for the first ones by id where they do not
 * come out even.
 */
export function shareOf(live: readonly string[], replica: string, slices: number): number {
  const sorted = live.toSorted();
  const place = sorted.indexOf(replica);
  if (place === -1) return 0;
  return Math.floor(slices / sorted.length) + (place < slices % sorted.length ? 1 : 0);
}
