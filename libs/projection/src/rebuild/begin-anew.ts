import { inTransaction, type Pool } from '#libs/platform';
import { dropGeneration, type Rebuildable } from '../generations.js';
import { ensureProjection } from '../leases/leases.js';
import type { Position } from '../position.js';
import { tableOf } from '../row-projection.js';
import { liveGeneration } from '../slices.query.js';
import { alone } from './alone.js';
import { listGenerations } from './construction.js';

/**
 * Lets a projection begin anew: for when the log, or the database, is another one than that which its rows and its
 * checkpoints were made of. Its workers may run: whatever they have in hand does not count, and they go on from there.
 * @param table of its rows, which are deleted, with all generations but the one that is shown; undefined where it has none
 * @param at after which event its workers go on; undefined for the very beginning
 */
export async function beginAnew(
  pool: Pool,
  { name, table }: { readonly name: string; readonly table: Rebuildable['table'] | undefined },
  at: Position | undefined,
): Promise<void> {
  await alone(pool, name, async () => {
    await ensureProjection(pool, name);
    await inTransaction(pool, async (tx) => {
      const live = await liveGeneration(tx, name);
      // First, as in every batch: from here on none of a worker's counts, and nobody can take a slice.
      await tx.query(
        `UPDATE read_models.slices
         SET commit_position = $2, prepare_position = $3, last_event_at = NULL, owner = NULL, epoch = epoch + 1
         WHERE projection = $1`,
        [name, at?.commit.toString() ?? null, at?.prepare.toString() ?? null],
      );
      if (table !== undefined) {
        for (const { generation, isLive } of await listGenerations(tx, { name, table })) {
          if (!isLive) await dropGeneration(tx, { name, table }, generation);
        }
        await tx.query(`TRUNCATE ${tableOf(table, live)}`);
      }
      for (const rows of ['parked_events', 'parked_accounts']) {
        await tx.query(`DELETE FROM read_models.${rows} WHERE projection = $1`, [name]);
      }
    });
  });
}
