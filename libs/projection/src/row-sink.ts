import { inTransaction, type Pool } from '#libs/platform';
import { applyRows } from './apply-rows.js';
import { moveCheckpoint, readCheckpoint } from './checkpoints.js';
import type { Sink } from './projection-runner.js';
import type { RowProjection } from './row-projection.js';

/** Rows and checkpoint in one transaction: at every moment the table is the fold of the log up to the checkpoint. */
export function rowSink<Event, Row extends object>(
  pool: Pool,
  projection: RowProjection<Event, Row>,
): Sink<Event> {
  return {
    position: () => readCheckpoint(pool, projection.name),
    apply: (events, from, to) =>
      inTransaction(pool, async (tx) => {
        await moveCheckpoint(tx, projection.name, from, to);
        await applyRows(tx, projection, events);
      }),
  };
}
