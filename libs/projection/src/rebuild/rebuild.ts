import { inTransaction, type Pool, type Queryable } from '#libs/platform';
import { dropGeneration, showGeneration } from '../generations.js';
import { ensureProjection } from '../leases/leases.js';
import { tableOf } from '../row-projection.js';
import { liveGeneration } from '../slices.query.js';
import { alone } from './alone.js';
import { compareGenerations, type Comparison } from './comparison.js';
import { findGeneration, markBuilt, markShown, openConstruction } from './construction.js';
import { assertLevel, Level, type Pair } from './level.js';
import { Refused, type Site } from './site.js';

/** What an operator allows. */
export interface Consent {
  /** The new rows may differ from the live ones. */
  readonly expectChanges: boolean;
  /** Accounts may be parked in either generation: their rows stand still. */
  readonly allowParked: boolean;
  /** Is told how the two differ before anything is shown. */
  readonly showDifferences: (comparison: Comparison, pair: Pair) => void | Promise<void>;
}

/**
 * Builds a new generation beside the live one and shows it in its place, if both agree at one position. Broken off at
 * any moment, it leaves the live one as it is; the next call goes on.
 * @returns the generation that is shown
 * @throws Refused when they differ and that is not expected, or accounts are parked; the new one is kept then
 */
export async function rebuild(site: Site, fresh: boolean, consent: Consent): Promise<Pair> {
  const { pool, projection } = site;
  return alone(pool, projection.name, async () => {
    await ensureProjection(pool, projection.name);
    const live = await liveGeneration(pool, projection.name);
    const pair = { live, next: await openConstruction(site, live, fresh) };
    await bringToLight(site, pair, true, consent);
    return pair;
  });
}

/**
 * Shows another generation that exists: the one before, or one that was built and refused. It is caught up first. Only
 * what has never been shown is compared: who goes back to an earlier one knows that it differs.
 */
export async function switchTo(site: Site, generation: number, consent: Consent): Promise<Pair> {
  const { pool, projection } = site;
  return alone(pool, projection.name, async () => {
    const { isLive, construction } = await findGeneration(pool, projection, generation);
    if (isLive) throw new Refused(`generation ${generation} of ${projection.name} is shown already`);
    if (construction === 'building') {
      throw new Refused(
        `generation ${generation} of ${projection.name} is half built: rebuild goes on with it`,
      );
    }
    const pair = { live: await liveGeneration(pool, projection.name), next: generation };
    await bringToLight(site, pair, construction === 'built', consent);
    return pair;
  });
}

/** Forgets a generation. */
export async function drop(pool: Pool, projection: Site['projection'], generation: number): Promise<void> {
  await alone(pool, projection.name, async () => {
    const { isLive } = await findGeneration(pool, projection, generation);
    if (isLive) throw new Refused(`generation ${generation} of ${projection.name} is the one that is shown`);
    await inTransaction(pool, (tx) => dropGeneration(tx, projection, generation));
  });
}

async function bringToLight(site: Site, pair: Pair, isToAgree: boolean, consent: Consent): Promise<void> {
  const { pool, projection, report } = site;
  const level = new Level(site, pair);
  try {
    await level.approach();
    // Who reads it next plans by its statistics, and nobody knows when PostgreSQL would gather them by itself.
    await pool.query(`ANALYZE ${tableOf(projection.table, pair.next)}`);
    if (isToAgree) {
      report.stage('compares both at one position');
      const comparison = await compareAtOnePosition(site, level, pair);
      await consent.showDifferences(comparison, pair);
      if (!comparison.agree && !consent.expectChanges) {
        await markBuilt(pool, projection, pair.next);
        throw new Refused(
          `the two differ: generation ${pair.live} stays, and generation ${pair.next} is kept to be looked at`,
        );
      }
    }
    if (!consent.allowParked) await refuseParked(pool, projection.name, pair);
    await level.hold(async (tx) => {
      if (!consent.allowParked) await refuseParked(tx, projection.name, pair);
      await level.release(tx);
      await markShown(tx, projection, pair.next);
      await showGeneration(tx, projection, pair.next);
    });
  } catch (error) {
    await level.release(pool).catch(() => undefined);
    throw error;
  }
}

/** The workers wait only until the snapshot is taken; the sums are computed while they go on. */
async function compareAtOnePosition(
  { pool, projection }: Site,
  level: Level,
  pair: Pair,
): Promise<Comparison> {
  const snapshot = await pool.connect();
  try {
    await level.hold(async () => {
      await snapshot.query('ROLLBACK');
      await snapshot.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      await assertLevel(snapshot, projection.name, pair);
    });
    return await compareGenerations(snapshot, projection.table, pair);
  } finally {
    await snapshot.query('ROLLBACK').catch(() => undefined);
    snapshot.release();
  }
}

async function refuseParked(db: Queryable, projection: string, pair: Pair): Promise<void> {
  const { rows } = await db.query<{ generation: number; count: number }>(
    `SELECT generation, count(*)::int FROM read_models.parked_accounts
     WHERE projection = $1 AND generation IN ($2, $3) GROUP BY generation ORDER BY generation`,
    [projection, pair.live, pair.next],
  );
  if (rows.length === 0) return;
  const where = rows.map(({ generation, count }) => `${count} in generation ${generation}`).join(', ');
  throw new Refused(
    `accounts are parked (${where}): their rows stand still; --allow-parked shows it all the same`,
  );
}
