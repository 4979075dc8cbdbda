import { setTimeout as sleep } from 'node:timers/promises';
import { inTransaction, type PoolClient, type Queryable } from '#libs/platform';
import { liveGeneration, readSlices } from '../slices.query.js';
import { Fenced } from '../leases/checkpoints.js';
import type { Held, Seat } from '../leases/seat.js';
import { isAfter } from '../position.js';
import { advance, takeAll, type Targets } from './advance.js';
import { Refused, type Site } from './site.js';

/** A generation and the live one beside it. */
export interface Pair {
  readonly live: number;
  readonly next: number;
}

/** Once a round brings less than this, the rest is little enough for the workers to wait for. */
const LITTLE_EVENTS = 1_000;
/** The workers are not held up for longer, even when it means another attempt. */
const HOLD_MS = 5_000;
/** Less than PostgreSQL's `deadlock_timeout`: where a worker locks its slices in another order, it is we who step back. */
const LOCK_MS = 400;
const ATTEMPTS = 20;
/** For live workers to get to where a generation is that was live a moment ago. */
const POLL_MS = 100;
const PATIENCE_MS = 30_000;
const LOCK_NOT_AVAILABLE = '55P03';

/** Keeps one generation up to date with the live one, as its only worker. */
export class Level {
  private held: Held | undefined;
  private readonly seat: Seat;

  constructor(
    private readonly site: Site,
    private readonly pair: Pair,
  ) {
    this.seat = { projection: site.projection.name, generation: pair.next, replica: site.replica };
  }

  /** Catches up with the live generation, but for a little that has happened meanwhile. */
  async approach(): Promise<void> {
    const { pool, signal } = this.site;
    // Workers that have not noticed a switch yet write to the generation that was live before, and hold its slices.
    for (const deadline = performance.now() + PATIENCE_MS; ; await sleep(POLL_MS, undefined, { signal })) {
      try {
        signal.throwIfAborted();
        const held = (this.held ??= await takeAll(pool, this.seat));
        const targets = await this.targets(pool);
        if (!isBeyond(held, targets)) {
          while ((await this.advanceTo(await this.targets(pool), signal)) >= LITTLE_EVENTS);
          signal.throwIfAborted();
          return;
        }
      } catch (error) {
        if (!(error instanceof Fenced) || performance.now() > deadline) throw error;
      }
      if (performance.now() > deadline) {
        const { projection, generation } = this.seat;
        throw new Refused(
          `the live generation of ${projection} stays behind generation ${generation}: does a worker run?`,
        );
      }
    }
  }

  /**
   * Runs `work` while both generations stand at the same positions, and stay there: the live one's workers wait for the
   * end of its transaction. What is between the two is made up for first; if that takes too long, they are let go on.
   */
  async hold<T>(work: (tx: PoolClient) => Promise<T>): Promise<T> {
    const { pool, signal } = this.site;
    for (let attempt = 1; ; attempt += 1) {
      await this.approach();
      try {
        return await inTransaction(pool, async (tx) => {
          await tx.query(`SET LOCAL lock_timeout = ${LOCK_MS}`);
          const { projection } = this.seat;
          await tx.query(
            `SELECT FROM read_models.slices WHERE projection = $1 AND generation = $2 ORDER BY slice FOR UPDATE`,
            [projection, this.pair.live],
          );
          if ((await liveGeneration(tx, projection)) !== this.pair.live) {
            throw new Refused(`another generation of ${projection} is live by now`);
          }
          const limit = AbortSignal.any([signal, AbortSignal.timeout(HOLD_MS)]);
          await this.advanceTo(await this.targets(tx), limit);
          await assertLevel(tx, projection, this.pair);
          return work(tx);
        });
      } catch (error) {
        signal.throwIfAborted();
        if (!isWorthAnother(error)) throw error;
        if (attempt === ATTEMPTS) {
          throw new Refused(
            `${this.seat.projection} is too busy to switch: long queries, or workers that hold its slices`,
          );
        }
        this.held = undefined;
      }
    }
  }

  /** Lets workers have its slices. */
  async release(db: Queryable): Promise<void> {
    const { rowCount } = await db.query(
      `UPDATE read_models.slices SET owner = NULL, updated_at = now()
       WHERE projection = $1 AND generation = $2 AND owner = $3`,
      [this.seat.projection, this.seat.generation, this.seat.replica],
    );
    if (rowCount !== this.held?.size) throw new Fenced(this.seat);
  }

  private async targets(db: Queryable): Promise<Targets> {
    const slices = await readSlices(db, this.seat.projection, this.pair.live);
    return new Map(slices.map(({ slice, position }) => [slice, position]));
  }

  /** @returns about how many events that took */
  private async advanceTo(targets: Targets, signal: AbortSignal): Promise<number> {
    const { site, seat } = this;
    let events = 0;
    const report: Site['report'] = {
      stage: (text) => site.report.stage(text),
      passed(at, until, count) {
        events += count;
        site.report.passed(at, until, count);
      },
    };
    this.held ??= await takeAll(site.pool, seat);
    try {
      this.held = await advance({ ...site, report }, seat, this.held, targets, signal);
    } catch (error) {
      // What was committed is in the database.
      this.held = undefined;
      throw error;
    }
    return events;
  }
}

const isBeyond = (held: Held, targets: Targets): boolean =>
  [...held.values()].some(
    ({ slice, position }) => position !== undefined && isAfter(position, targets.get(slice)),
  );

/** As when a worker that has not noticed a switch yet has taken slices and moved them. */
class NotLevel extends Error {
  constructor(projection: string, { live, next }: Pair) {
    super(`generations ${live} and ${next} of ${projection} do not stand at the same position`);
  }
}

const isWorthAnother = (error: unknown): boolean =>
  error instanceof Fenced ||
  error instanceof NotLevel ||
  (error as { code?: unknown }).code === LOCK_NOT_AVAILABLE ||
  (error instanceof Error && error.name === 'TimeoutError');

/** @throws NotLevel: what follows would compare or show two different moments */
export async function assertLevel(db: Queryable, projection: string, pair: Pair): Promise<void> {
  const { rows } = await db.query<{ apart: number; pairs: number }>(
    `SELECT count(*)::int AS pairs, (count(*) FILTER (WHERE
       a.commit_position IS DISTINCT FROM b.commit_position
       OR a.prepare_position IS DISTINCT FROM b.prepare_position))::int AS apart
     FROM read_models.slices a JOIN read_models.slices b USING (projection, slice)
     WHERE projection = $1 AND a.generation = $2 AND b.generation = $3`,
    [projection, pair.live, pair.next],
  );
  const { apart, pairs } = rows[0]!;
  if (apart > 0 || pairs === 0) throw new NotLevel(projection, pair);
}
