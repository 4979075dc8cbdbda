import { beginStatement, inTransaction, type Pool, type Queryable } from '#libs/platform';
import { ensureProjection } from '../leases/leases.js';
import type { LogPosition } from '#libs/event-store/read-only';
import { generationTableName } from '../row-projection.js';
import { readLiveGeneration } from '../slices.query.js';
import { compareGenerations, type GenerationComparison } from './compare-generations.js';
import { assertInSync, GenerationSynchronizer, type GenerationPair } from './generation-synchronizer.js';
import {
  activateGeneration,
  deleteGeneration,
  findGeneration,
  listGenerations,
  markActivated,
  markBuilt,
  startOrResumeGeneration,
  type ProjectionTable,
} from './generations.js';
import { RebuildRejectedError, withRebuildLock, type RebuildContext } from './rebuild-context.js';

export interface RebuildOptions {
  /** Activate the new generation although its rows differ from the live ones. */
  readonly expectChanges: boolean;
  /** Activate it although accounts are parked in either generation, whose rows are therefore out of date. */
  readonly allowParked: boolean;
  /** Called with the result of the comparison, before the activation. */
  readonly showDifferences: (comparison: GenerationComparison, pair: GenerationPair) => void | Promise<void>;
}

/**
 * Builds a new generation from the log beside the live one and activates it if their rows agree at the same position.
 * An interruption at any moment leaves the live generation unchanged; the next call resumes the build.
 * @param fresh drop a partially built generation instead of resuming it
 * @returns the former live generation, and the one that is live now
 * @throws RebuildRejectedError if the rows differ unexpectedly or accounts are parked; the new generation is kept
 */
export async function rebuildProjection(
  context: RebuildContext,
  fresh: boolean,
  options: RebuildOptions,
): Promise<GenerationPair> {
  const { pool, projection } = context;
  return withRebuildLock(pool, projection.name, async () => {
    await ensureProjection(pool, projection.name);
    const live = await readLiveGeneration(pool, projection.name);
    const pair = { live, next: await startOrResumeGeneration(context, live, fresh) };
    await verifyAndActivate(context, pair, true, options);
    return pair;
  });
}

/**
 * Activates another existing generation, after catching it up: the previous one, or one that was built and rejected. A
 * generation that was live before is not compared: that it differs is the reason to switch back.
 * @throws RebuildRejectedError
 */
export async function switchGeneration(
  context: RebuildContext,
  generation: number,
  options: RebuildOptions,
): Promise<GenerationPair> {
  const { pool, projection } = context;
  return withRebuildLock(pool, projection.name, async () => {
    const { isLive, status } = await findGeneration(pool, projection, generation);
    if (isLive)
      throw new RebuildRejectedError(`generation ${generation} of ${projection.name} is live already`);
    if (status === 'building') {
      throw new RebuildRejectedError(
        `generation ${generation} of ${projection.name} is partially built: rebuild resumes it`,
      );
    }
    const pair = { live: await readLiveGeneration(pool, projection.name), next: generation };
    await verifyAndActivate(context, pair, status === 'built', options);
    return pair;
  });
}

/** @throws RebuildRejectedError if the generation is live or does not exist */
export async function dropGeneration(
  pool: Pool,
  projection: RebuildContext['projection'],
  generation: number,
): Promise<void> {
  await withRebuildLock(pool, projection.name, async () => {
    const { isLive } = await findGeneration(pool, projection, generation);
    if (isLive) throw new RebuildRejectedError(`generation ${generation} of ${projection.name} is live`);
    await inTransaction(pool, (tx) => deleteGeneration(tx, projection, generation));
  });
}

/**
 * Resets a projection: deletes its rows and its parked accounts, and sets all checkpoints. For use after the event store
 * or the database was restored. Workers may run: batches that they have read are fenced, then they continue from the new
 * checkpoints.
 * @param table whose rows are deleted, with all generations except the live one; undefined for a projection of messages
 * @param at the new checkpoint of all slices; undefined to replay the whole log
 */
export async function resetProjection(
  pool: Pool,
  { name, table }: { readonly name: string; readonly table: ProjectionTable['table'] | undefined },
  at: LogPosition | undefined,
): Promise<void> {
  await withRebuildLock(pool, name, async () => {
    await ensureProjection(pool, name);
    await inTransaction(pool, async (tx) => {
      const live = await readLiveGeneration(tx, name);
      // First, as in every batch: it fences the workers and locks the slices until the transaction ends.
      await tx.query(
        `UPDATE read_models.slices
         SET commit_position = $2, prepare_position = $3, last_event_at = NULL, last_event_id = NULL,
           owner = NULL, epoch = epoch + 1
         WHERE projection = $1`,
        [name, at?.commit.toString() ?? null, at?.prepare.toString() ?? null],
      );
      if (table !== undefined) {
        for (const { generation, isLive } of await listGenerations(tx, { name, table })) {
          if (!isLive) await deleteGeneration(tx, { name, table }, generation);
        }
        await tx.query(`TRUNCATE ${generationTableName(table, live)}`);
      }
      for (const rows of ['parked_events', 'parked_accounts']) {
        await tx.query(`DELETE FROM read_models.${rows} WHERE projection = $1`, [name]);
      }
    });
  });
}

async function verifyAndActivate(
  context: RebuildContext,
  pair: GenerationPair,
  mustAgree: boolean,
  options: RebuildOptions,
): Promise<void> {
  const { pool, projection, reporter } = context;
  const synchronizer = new GenerationSynchronizer(context, pair);
  try {
    await synchronizer.catchUp();
    // Queries on the new table need statistics, and autovacuum may gather them much later.
    await pool.query(`ANALYZE ${generationTableName(projection.table, pair.next)}`);
    if (mustAgree) {
      reporter.onStage('comparing both generations at the same position');
      const comparison = await compareAtSamePosition(context, synchronizer, pair);
      await options.showDifferences(comparison, pair);
      if (!comparison.agree && !options.expectChanges) {
        await markBuilt(pool, projection, pair.next);
        throw new RebuildRejectedError(
          `the rows differ: generation ${pair.live} stays live, and generation ${pair.next} is kept for inspection`,
        );
      }
    }
    if (!options.allowParked) await assertNothingParked(pool, projection.name, pair);
    await synchronizer.withWritersPaused(async (tx) => {
      if (!options.allowParked) await assertNothingParked(tx, projection.name, pair);
      await synchronizer.releaseSlices(tx);
      await markActivated(tx, projection, pair.next);
      await activateGeneration(tx, projection, pair.next);
    });
  } catch (error) {
    await synchronizer.releaseSlices(pool).catch(() => undefined);
    throw error;
  }
}

/** Pauses the workers only until the snapshot is taken; the checksums are computed while they continue. */
async function compareAtSamePosition(
  { pool, projection }: RebuildContext,
  synchronizer: GenerationSynchronizer,
  pair: GenerationPair,
): Promise<GenerationComparison> {
  const snapshot = await pool.connect();
  try {
    await synchronizer.withWritersPaused(async () => {
      await snapshot.query('ROLLBACK');
      await snapshot.query(beginStatement(snapshot, 'REPEATABLE READ READ ONLY'));
      await assertInSync(snapshot, projection.name, pair);
    });
    return await compareGenerations(snapshot, projection.table, pair);
  } finally {
    await snapshot.query('ROLLBACK').catch(() => undefined);
    snapshot.release();
  }
}

async function assertNothingParked(db: Queryable, projection: string, pair: GenerationPair): Promise<void> {
  const { rows } = await db.query<{ generation: number; count: number }>(
    `SELECT generation, count(*)::int FROM read_models.parked_accounts
     WHERE projection = $1 AND generation IN ($2, $3) GROUP BY generation ORDER BY generation`,
    [projection, pair.live, pair.next],
  );
  if (rows.length === 0) return;
  const counts = rows.map(({ generation, count }) => `${count} in generation ${generation}`).join(', ');
  throw new RebuildRejectedError(
    `accounts are parked (${counts}), so their rows are out of date; --allow-parked activates the generation anyway`,
  );
}
