import type { RawEvent } from '#libs/event-store';
import type { Queryable } from '#libs/platform';
import { isAfter, lowestPosition, type LogPosition } from '#libs/event-store/read-only';
import { readSlices, type SliceRow } from './slices.query.js';

/** The live generation of a projection at one moment, as stored in the database. */
interface ProjectionSnapshot {
  readonly projection: string;
  readonly generation: number;
  readonly slices: readonly SliceRow[];
  readonly parked: number;
}

export async function readSnapshots(db: Queryable): Promise<readonly ProjectionSnapshot[]> {
  const { rows } = await db.query<{ name: string; live: number; parked: number }>(
    `SELECT name, live, (SELECT count(*)::int FROM read_models.parked_accounts
       WHERE projection = name AND generation = live) AS parked
     FROM read_models.projections ORDER BY name`,
  );
  const snapshots: ProjectionSnapshot[] = [];
  for (const { name, live, parked } of rows) {
    snapshots.push({ projection: name, generation: live, slices: await readSlices(db, name, live), parked });
  }
  return snapshots;
}

export interface ProjectionStatus extends ProjectionSnapshot {
  /** The lowest checkpoint of all slices; undefined if a slice has none yet. */
  readonly position: LogPosition | undefined;
  readonly lagEvents: number;
  /** True if the log was not read to its end, so that the lag may be larger. */
  readonly isAtLeast: boolean;
  readonly lagSeconds: number;
  readonly eventsPerSecond: number;
  readonly slicesByOwner: Readonly<Record<string, number>>;
}

/**
 * Computes lag and rate from two snapshots and the log after the lowest checkpoint.
 * @param earlier snapshots of all projections, taken `betweenSeconds` before
 * @param read reads the log after a position, and returns whether it reached the end
 */
export async function computeStatus(
  earlier: readonly ProjectionSnapshot[],
  snapshot: ProjectionSnapshot,
  betweenSeconds: number,
  read: (after: LogPosition | undefined, onEvent: (event: RawEvent) => void) => Promise<{ isAll: boolean }>,
  now: () => Date,
): Promise<ProjectionStatus> {
  const { projection, generation, slices } = snapshot;
  // If the generation was switched in between, there is no earlier snapshot of it and the rate is 0.
  const before =
    earlier.find((one) => one.projection === projection && one.generation === generation)?.slices ?? slices;
  let unhandled = 0;
  let handled = 0;
  let oldestUnhandledAt: Date | undefined;
  const from = lowestPosition(before.map(({ position }) => position));
  const { isAll } = await read(from, ({ slice, position, created }) => {
    if (isAfter(position, slices[slice]?.position)) {
      unhandled += 1;
      oldestUnhandledAt ??= created;
    } else if (isAfter(position, before[slice]?.position)) {
      handled += 1;
    }
  });
  return {
    ...snapshot,
    position: lowestPosition(slices.map(({ position }) => position)),
    lagEvents: unhandled,
    isAtLeast: !isAll,
    lagSeconds:
      oldestUnhandledAt === undefined
        ? 0
        : Math.max(0, (now().getTime() - oldestUnhandledAt.getTime()) / 1_000),
    eventsPerSecond: handled / betweenSeconds,
    slicesByOwner: countSlicesByOwner(slices),
  };
}

function countSlicesByOwner(slices: readonly SliceRow[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { owner } of slices) if (owner !== null) counts[owner] = (counts[owner] ?? 0) + 1;
  return counts;
}
