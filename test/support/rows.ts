import type { RowProjection } from '#libs/projection';

/** The table that a projection makes of a history, by key. */
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
