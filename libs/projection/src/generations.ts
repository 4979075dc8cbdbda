import type { Queryable } from '#libs/platform';
import { createSlices } from './leases/leases.js';
import type { Position } from './position.js';
import { tableOf } from './row-projection.js';

/** A projection with a table, by its names. */
export interface Rebuildable {
  readonly name: string;
  readonly table: { readonly name: string };
}

/** Slices at the very beginning and an empty table like that of another generation, indexes and all. */
export async function createGeneration(
  tx: Queryable,
  { name, table }: Rebuildable,
  generation: number,
  like: number,
): Promise<void> {
  await createSlices(tx, name, generation);
  await tx.query(`CREATE TABLE ${tableOf(table, generation)} (LIKE ${tableOf(table, like)} INCLUDING ALL)`);
}

/** From the end of the transaction on queries read this generation; its workers follow at their next heartbeat. */
export async function showGeneration(
  tx: Queryable,
  { name, table }: Rebuildable,
  generation: number,
): Promise<void> {
  await tx.query('UPDATE read_models.projections SET live = $2 WHERE name = $1', [name, generation]);
  await tx.query(`CREATE OR REPLACE VIEW ${table.name} AS SELECT * FROM ${tableOf(table, generation)}`);
}

/** Forgets a generation that is not shown, with all that is parked of it. */
export async function dropGeneration(
  tx: Queryable,
  { name, table }: Rebuildable,
  generation: number,
): Promise<void> {
  for (const rows of ['parked_events', 'parked_accounts', 'replicas', 'slices']) {
    await tx.query(`DELETE FROM read_models.${rows} WHERE projection = $1 AND generation = $2`, [
      name,
      generation,
    ]);
  }
  await tx.query(`DROP TABLE ${tableOf(table, generation)}`);
}

/** A slice of a generation, as an onlooker sees it. */
export interface SliceRow {
  readonly slice: number;
  readonly position: Position | undefined;
  readonly lastEventAt: string | null;
  readonly epoch: bigint;
  readonly owner: string | null;
}

export async function readSlices(
  db: Queryable,
  projection: string,
  generation: number,
): Promise<readonly SliceRow[]> {
  const { rows } = await db.query<{
    slice: number;
    commit: string | null;
    prepare: string;
    at: string | null;
    epoch: string;
    owner: string | null;
  }>(
    `SELECT slice, commit_position::text AS commit, prepare_position::text AS prepare, last_event_at AS at,
       epoch::text, owner
     FROM read_models.slices WHERE projection = $1 AND generation = $2 ORDER BY slice`,
    [projection, generation],
  );
  return rows.map(({ slice, commit, prepare, at, epoch, owner }) => ({
    slice,
    position: commit === null ? undefined : { commit: BigInt(commit), prepare: BigInt(prepare) },
    lastEventAt: at,
    epoch: BigInt(epoch),
    owner,
  }));
}
