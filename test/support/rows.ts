import type { RowProjection } from '#libs/projection';

/** Returns the rows of a projection after a history, by key. */
export function rowsAfter<Event, Row extends object>(
  projection: RowProjection<Event, Row>,
  history: readonly Event[],
): Map<string, Row> {
  const rows = new Map<string, Row>();
  for (const event of history) {
    for (const key of projection.keysOf(event)) {
      const row = projection.fold(rows.get(key), event, key);
      if (row === undefined) rows.delete(key);
      else rows.set(key, row);
    }
  }
  return rows;
}
