import type { Queryable } from '#libs/platform';
import { createSlices } from './leases/leases.js';
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
