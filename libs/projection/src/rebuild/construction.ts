import { inTransaction, type Queryable } from '#libs/platform';
import { createGeneration, dropGeneration, type Rebuildable } from '../generations.js';
import { tableOf } from '../row-projection.js';
import { Refused, type Site } from './site.js';

/*
 * How far a generation's building has got stands in the comment of its table: it comes and goes with the table, in the
 * same transactions, and whoever looks at the table sees it. One that has been shown has none.
 */
const BUILDING = 'is being built by ';
const BUILT = 'is built and was never shown';

export type Construction = 'building' | 'built' | 'shown';

export interface Generation {
  readonly generation: number;
  readonly isLive: boolean;
  readonly construction: Construction;
  /** By which code, while it is being built. */
  readonly code: string | undefined;
}

export async function listGenerations(
  db: Queryable,
  { name, table }: Rebuildable,
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
    construction: comment === BUILT ? 'built' : comment?.startsWith(BUILDING) === true ? 'building' : 'shown',
    code: comment?.startsWith(BUILDING) === true ? comment.slice(BUILDING.length) : undefined,
  }));
}

/** @throws Refused where there is none */
export async function findGeneration(
  db: Queryable,
  projection: Rebuildable,
  generation: number,
): Promise<Generation> {
  const found = (await listGenerations(db, projection)).find((one) => one.generation === generation);
  if (found === undefined) throw new Refused(`${projection.name} has no generation ${generation}`);
  return found;
}

/** The generation to build: one whose building was broken off, or a new one beside those that are there. */
export async function openConstruction(site: Site, live: number, fresh: boolean): Promise<number> {
  const { pool, projection, code, report } = site;
  const all = await listGenerations(pool, projection);
  for (const begun of all.filter(({ construction }) => construction === 'building')) {
    if (!fresh && begun.code === code) {
      report.stage(`goes on with generation ${begun.generation}, which is half built`);
      return begun.generation;
    }
    report.stage(
      `drops generation ${begun.generation}, half built${fresh ? '' : ' by another version of the projection'}`,
    );
    await inTransaction(pool, (tx) => dropGeneration(tx, projection, begun.generation));
  }
  const generation = Math.max(...all.map((one) => one.generation)) + 1;
  await inTransaction(pool, async (tx) => {
    await createGeneration(tx, projection, generation, live);
    await describe(tx, projection, generation, BUILDING + code);
  });
  report.stage(`builds generation ${generation} beside generation ${live}`);
  return generation;
}

export const markBuilt = (db: Queryable, projection: Rebuildable, generation: number): Promise<void> =>
  describe(db, projection, generation, BUILT);

export const markShown = (db: Queryable, projection: Rebuildable, generation: number): Promise<void> =>
  describe(db, projection, generation, null);

/** @param text of ours, without quotes: a comment takes no parameters */
async function describe(
  db: Queryable,
  { table }: Rebuildable,
  generation: number,
  text: string | null,
): Promise<void> {
  await db.query(`COMMENT ON TABLE ${tableOf(table, generation)} IS ${text === null ? 'NULL' : `'${text}'`}`);
}
