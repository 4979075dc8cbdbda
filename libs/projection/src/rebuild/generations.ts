import { inTransaction, type Queryable } from '#libs/platform';
import { createSlices } from '../leases/leases.js';
import { generationTableName } from '../row-projection.js';
import { RebuildRejectedError, type RebuildContext } from './rebuild-context.js';

/** A projection with a table, by their names. */
export interface ProjectionTable {
  readonly name: string;
  readonly table: { readonly name: string };
}

/** Creates slices without checkpoints and an empty table, with the columns and indexes of generation `like`. */
export async function createGeneration(
  tx: Queryable,
  { name, table }: ProjectionTable,
  generation: number,
  like: number,
): Promise<void> {
  await createSlices(tx, name, generation);
  await tx.query(
    `CREATE TABLE ${generationTableName(table, generation)} (LIKE ${generationTableName(table, like)} INCLUDING ALL)`,
  );
}

/** Makes the generation live: queries read it from the commit on, workers follow at their next heartbeat. */
export async function activateGeneration(
  tx: Queryable,
  { name, table }: ProjectionTable,
  generation: number,
): Promise<void> {
  await tx.query('UPDATE read_models.projections SET live = $2 WHERE name = $1', [name, generation]);
  await tx.query(
    `CREATE OR REPLACE VIEW ${table.name} AS SELECT * FROM ${generationTableName(table, generation)}`,
  );
}

/** Deletes a generation that is not live: its table, checkpoints and parked accounts. */
export async function deleteGeneration(
  tx: Queryable,
  { name, table }: ProjectionTable,
  generation: number,
): Promise<void> {
  for (const rows of ['parked_events', 'parked_accounts', 'replicas', 'slices']) {
    await tx.query(`DELETE FROM read_models.${rows} WHERE projection = $1 AND generation = $2`, [
      name,
      generation,
    ]);
  }
  await tx.query(`DROP TABLE ${generationTableName(table, generation)}`);
}

/*
 * The status of a generation is the comment of its table: it is created and dropped with the table, in the same
 * transactions, and visible to everybody who inspects the table. A generation that has been live has no comment. Both
 * texts are stored, so they must not change.
 */
const BUILDING = 'is being built by ';
const BUILT = 'is built and was never shown';

/** `activated` generations are, or were, live. */
type GenerationStatus = 'building' | 'built' | 'activated';

export interface Generation {
  readonly generation: number;
  readonly isLive: boolean;
  readonly status: GenerationStatus;
  /** The version of the fold that builds it; undefined unless the status is `building`. */
  readonly codeVersion: string | undefined;
}

export async function listGenerations(
  db: Queryable,
  { name, table }: ProjectionTable,
): Promise<readonly Generation[]> {
  const { rows } = await db.query<{ generation: number; is_live: boolean; comment: string | null }>(
    `SELECT DISTINCT generation, generation = live AS is_live,
       obj_description(to_regclass($2 || '_g' || generation), 'pg_class') AS comment
     FROM read_models.slices JOIN read_models.projections ON name = projection
     WHERE projection = $1 ORDER BY generation`,
    [name, table.name],
  );
  return rows.map(({ generation, is_live, comment }) => ({
    generation,
    isLive: is_live,
    status: comment === BUILT ? 'built' : comment?.startsWith(BUILDING) === true ? 'building' : 'activated',
    codeVersion: comment?.startsWith(BUILDING) === true ? comment.slice(BUILDING.length) : undefined,
  }));
}

/** @throws RebuildRejectedError if the projection has no such generation */
export async function findGeneration(
  db: Queryable,
  projection: ProjectionTable,
  generation: number,
): Promise<Generation> {
  const found = (await listGenerations(db, projection)).find((one) => one.generation === generation);
  if (found === undefined)
    throw new RebuildRejectedError(`${projection.name} has no generation ${generation}`);
  return found;
}

/**
 * @param fresh drop a partially built generation instead of resuming it
 * @returns the generation to build: one whose build was interrupted, or a new one
 */
export async function startOrResumeGeneration(
  context: RebuildContext,
  live: number,
  fresh: boolean,
): Promise<number> {
  const { pool, projection, codeVersion, reporter } = context;
  const all = await listGenerations(pool, projection);
  for (const partial of all.filter(({ status }) => status === 'building')) {
    if (!fresh && partial.codeVersion === codeVersion) {
      reporter.onStage(`resuming generation ${partial.generation}, partially built`);
      return partial.generation;
    }
    reporter.onStage(
      `dropping generation ${partial.generation}, partially built${fresh ? '' : ' by another version of the projection'}`,
    );
    await inTransaction(pool, (tx) => deleteGeneration(tx, projection, partial.generation));
  }
  const generation = Math.max(...all.map((one) => one.generation)) + 1;
  await inTransaction(pool, async (tx) => {
    await createGeneration(tx, projection, generation, live);
    await setComment(tx, projection, generation, BUILDING + codeVersion);
  });
  reporter.onStage(`building generation ${generation} beside generation ${live}`);
  return generation;
}

export const markBuilt = (db: Queryable, projection: ProjectionTable, generation: number): Promise<void> =>
  setComment(db, projection, generation, BUILT);

export const markActivated = (
  db: Queryable,
  projection: ProjectionTable,
  generation: number,
): Promise<void> => setComment(db, projection, generation, null);

/** @param text must not contain quotes: COMMENT takes no parameters */
async function setComment(
  db: Queryable,
  { table }: ProjectionTable,
  generation: number,
  text: string | null,
): Promise<void> {
  await db.query(
    `COMMENT ON TABLE ${generationTableName(table, generation)} IS ${text === null ? 'NULL' : `'${text}'`}`,
  );
}
