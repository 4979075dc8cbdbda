import type { RecordedEvent } from '#libs/event-store';
import type { Queryable } from '#libs/platform';
import { isAfter, lowest, type Position } from './position.js';
import { readSlices, type SliceRow } from './slices.query.js';

/** A projection as the database has it at a moment: the generation that is shown. */
export interface Look {
  readonly projection: string;
  readonly generation: number;
  readonly slices: readonly SliceRow[];
  readonly parked: number;
}

export async function lookAt(db: Queryable): Promise<readonly Look[]> {
  const { rows } = await db.query<{ name: string; live: number; parked: number }>(
    `SELECT name, live, (SELECT count(*)::int FROM read_models.parked_accounts
       WHERE projection = name AND generation = live) AS parked
     FROM read_models.projections ORDER BY name`,
  );
  const looks: Look[] = [];
  for (const { name, live, parked } of rows) {
    looks.push({ projection: name, generation: live, slices: await readSlices(db, name, live), parked });
  }
  return looks;
}

export interface ProjectionOverview extends Look {
  /** The slice that has got the least far; undefined before everything. */
  readonly position: Position | undefined;
  readonly lagEvents: number;
  /** The log was longer than what was looked at: there are more. */
  readonly isAtLeast: boolean;
  readonly lagSeconds: number;
  readonly eventsPerSecond: number;
  readonly slicesOf: Readonly<Record<string, number>>;
}

/**
 * What a look, an earlier one and the log since the lowest checkpoint say.
 * @param read gives each event of the log from there on, and whether that was all of it
 */
export async function overview(
  earlier: readonly Look[],
  look: Look,
  betweenSeconds: number,
  read: (after: Position | undefined, take: (event: RecordedEvent) => void) => Promise<{ isAll: boolean }>,
  now: () => Date,
): Promise<ProjectionOverview> {
  const { slices } = look;
  // Of another generation, once it has been switched meanwhile: then there is no rate.
  const before =
    earlier.find((one) => one.projection === look.projection && one.generation === look.generation)?.slices ??
    slices;
  let waiting = 0;
  let handled = 0;
  let since: Date | undefined;
  const from = lowest(before.map(({ position }) => position));
  const { isAll } = await read(from, ({ slice, position, created }) => {
    if (isAfter(position, slices[slice]?.position)) {
      waiting += 1;
      since ??= created;
    } else if (isAfter(position, before[slice]?.position)) {
      handled += 1;
    }
  });
  return {
    ...look,
    position: lowest(slices.map(({ position }) => position)),
    lagEvents: waiting,
    isAtLeast: !isAll,
    lagSeconds: since === undefined ? 0 : Math.max(0, (now().getTime() - since.getTime()) / 1_000),
    eventsPerSecond: handled / betweenSeconds,
    slicesOf: countOwners(slices),
  };
}

function countOwners(slices: readonly SliceRow[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { owner } of slices) if (owner !== null) counts[owner] = (counts[owner] ?? 0) + 1;
  return counts;
}
