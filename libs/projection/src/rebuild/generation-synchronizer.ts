import { setTimeout as sleep } from 'node:timers/promises';
import { inTransaction, type PoolClient, type Queryable } from '#libs/platform';
import { FencedError, type LeaseHolder, type OwnedSlices } from '../leases/fencing.js';
import { isAfter } from '#libs/event-store/read-only';
import { readLiveGeneration, readSlices } from '../slices.query.js';
import { acquireAllSlices, catchUpTo, type SliceTargets } from './catch-up.js';
import { RebuildRejectedError, type RebuildContext } from './rebuild-context.js';

/** The live generation and the one that is to replace it. */
export interface GenerationPair {
  readonly live: number;
  readonly next: number;
}

/** After a round with fewer events than this, the rest can be caught up while the workers are paused. */
const FEW_EVENTS = 1_000;
/** The workers are not paused for longer, even if that costs another attempt. */
const MAX_PAUSE_MS = 5_000;
/**
 * Shorter than PostgreSQL's `deadlock_timeout`: if a worker locks its slices in another order, this side gives up and
 * tries again, not the worker.
 */
const LOCK_TIMEOUT_MS = 400;
const ATTEMPTS = 20;
const POLL_MS = 100;
/** How long the live workers may take to reach a generation that was live a moment ago. */
const CATCH_UP_TIMEOUT_MS = 30_000;
const LOCK_NOT_AVAILABLE = '55P03';

/** Keeps the next generation in sync with the live one, as the only worker of the next. */
export class GenerationSynchronizer {
  private owned: OwnedSlices | undefined;
  private readonly holder: LeaseHolder;

  constructor(
    private readonly context: RebuildContext,
    private readonly pair: GenerationPair,
  ) {
    const { projection, replica } = context;
    this.holder = { projection: projection.name, generation: pair.next, replica };
  }

  /** Catches up with the live generation until at most a few events are missing. */
  async catchUp(): Promise<void> {
    const { pool, signal } = this.context;
    // Workers that have not noticed a switch yet still write to the next generation, and own its slices.
    const deadline = performance.now() + CATCH_UP_TIMEOUT_MS;
    for (; ; await sleep(POLL_MS, undefined, { signal })) {
      try {
        signal.throwIfAborted();
        const owned = (this.owned ??= await acquireAllSlices(pool, this.holder));
        const targets = await this.readTargets(pool);
        if (!isAhead(owned, targets)) {
          while ((await this.advanceTo(await this.readTargets(pool), signal)) >= FEW_EVENTS);
          signal.throwIfAborted();
          return;
        }
      } catch (error) {
        if (!(error instanceof FencedError) || performance.now() > deadline) throw error;
      }
      if (performance.now() > deadline) {
        const { projection, generation } = this.holder;
        throw new RebuildRejectedError(
          `the live generation of ${projection} stays behind generation ${generation}: is a worker running?`,
        );
      }
    }
  }

  /**
   * Runs `work` while both generations have the same checkpoints: locks the slices of the live generation, which pauses
   * its workers until the transaction ends, and applies the missing events. If that takes too long, releases the workers
   * and tries again.
   * @throws RebuildRejectedError after too many attempts, or if another generation has become live
   */
  async withWritersPaused<T>(work: (tx: PoolClient) => Promise<T>): Promise<T> {
    const { pool, signal } = this.context;
    for (let attempt = 1; ; attempt += 1) {
      await this.catchUp();
      try {
        return await inTransaction(pool, async (tx) => {
          await tx.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
          const { projection } = this.holder;
          await tx.query(
            `SELECT FROM read_models.slices WHERE projection = $1 AND generation = $2 ORDER BY slice FOR UPDATE`,
            [projection, this.pair.live],
          );
          if ((await readLiveGeneration(tx, projection)) !== this.pair.live) {
            throw new RebuildRejectedError(`another generation of ${projection} has become live`);
          }
          const timeout = AbortSignal.any([signal, AbortSignal.timeout(MAX_PAUSE_MS)]);
          await this.advanceTo(await this.readTargets(tx), timeout);
          await assertInSync(tx, projection, this.pair);
          return work(tx);
        });
      } catch (error) {
        signal.throwIfAborted();
        if (!isRetryable(error)) throw error;
        if (attempt === ATTEMPTS) {
          throw new RebuildRejectedError(
            `${this.holder.projection} is too busy to switch: queries or workers keep its slices locked`,
          );
        }
        this.owned = undefined;
      }
    }
  }

  /**
   * Releases the slices of the next generation to the workers.
   * @throws FencedError if another process has taken some
   */
  async releaseSlices(db: Queryable): Promise<void> {
    const { rowCount } = await db.query(
      `UPDATE read_models.slices SET owner = NULL, updated_at = now()
       WHERE projection = $1 AND generation = $2 AND owner = $3`,
      [this.holder.projection, this.holder.generation, this.holder.replica],
    );
    if (rowCount !== this.owned?.size) throw new FencedError(this.holder);
  }

  /** The checkpoints of the live generation. */
  private async readTargets(db: Queryable): Promise<SliceTargets> {
    const slices = await readSlices(db, this.holder.projection, this.pair.live);
    return new Map(slices.map(({ slice, position }) => [slice, position]));
  }

  /** @returns about how many events were read for that */
  private async advanceTo(targets: SliceTargets, signal: AbortSignal): Promise<number> {
    const { context, holder } = this;
    let events = 0;
    const reporter: RebuildContext['reporter'] = {
      onStage: (text) => context.reporter.onStage(text),
      onProgress(at, until, count) {
        events += count;
        context.reporter.onProgress(at, until, count);
      },
    };
    this.owned ??= await acquireAllSlices(context.pool, holder);
    try {
      this.owned = await catchUpTo({ ...context, reporter }, holder, this.owned, targets, signal);
    } catch (error) {
      // Batches may have been committed: the checkpoints have to be read again.
      this.owned = undefined;
      throw error;
    }
    return events;
  }
}

const isAhead = (owned: OwnedSlices, targets: SliceTargets): boolean =>
  [...owned.values()].some(
    ({ slice, position }) => position !== undefined && isAfter(position, targets.get(slice)),
  );

/** For example because a worker that had not noticed a switch took slices and advanced them. */
class GenerationsOutOfSyncError extends Error {
  constructor(projection: string, { live, next }: GenerationPair) {
    super(`generations ${live} and ${next} of ${projection} have different checkpoints`);
  }
}

const isRetryable = (error: unknown): boolean =>
  error instanceof FencedError ||
  error instanceof GenerationsOutOfSyncError ||
  (error as { code?: unknown }).code === LOCK_NOT_AVAILABLE ||
  (error instanceof Error && error.name === 'TimeoutError');

/**
 * Guards a comparison or an activation, which need both generations at the same position.
 * @throws GenerationsOutOfSyncError
 */
export async function assertInSync(db: Queryable, projection: string, pair: GenerationPair): Promise<void> {
  const { rows } = await db.query<{ apart: number; pairs: number }>(
    `SELECT count(*)::int AS pairs, (count(*) FILTER (WHERE
       a.commit_position IS DISTINCT FROM b.commit_position
       OR a.prepare_position IS DISTINCT FROM b.prepare_position))::int AS apart
     FROM read_models.slices a JOIN read_models.slices b USING (projection, slice)
     WHERE projection = $1 AND a.generation = $2 AND b.generation = $3`,
    [projection, pair.live, pair.next],
  );
  const { apart, pairs } = rows[0]!;
  if (apart > 0 || pairs === 0) throw new GenerationsOutOfSyncError(projection, pair);
}
