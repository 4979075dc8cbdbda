import type { Queryable } from '#libs/platform';
import { generationTableName, type Table } from '../row-projection.js';
import type { GenerationPair } from './generation-synchronizer.js';

/** Number and checksum of a table's rows, independent of their order. */
interface Checksum {
  readonly rows: number;
  readonly sum: string;
}

export interface RowDifference {
  /** The row is missing in the next generation, exists only there, or has different columns. */
  readonly kind: 'missing' | 'extra' | 'different';
  readonly key: string;
  readonly columns: readonly string[];
  /** Values of the columns; they may contain members' texts, so they are printed only on request. */
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
}

export interface GenerationComparison {
  readonly live: Checksum;
  readonly next: Checksum;
  readonly agree: boolean;
  readonly counts: Readonly<Record<RowDifference['kind'], number>>;
  /** A few differences of each kind. */
  readonly sample: readonly RowDifference[];
}

const SAMPLE_OF_EACH = 5;

/** @param db a transaction whose snapshot has both generations at the same position */
export async function compareGenerations(
  db: Queryable,
  table: Table<object>,
  pair: GenerationPair,
): Promise<GenerationComparison> {
  const columns = Object.keys(table.columns);
  const live = await checksum(db, generationTableName(table, pair.live), columns);
  const next = await checksum(db, generationTableName(table, pair.next), columns);
  if (live.rows === next.rows && live.sum === next.sum) {
    return { live, next, agree: true, counts: { missing: 0, extra: 0, different: 0 }, sample: [] };
  }
  return { live, next, agree: false, ...(await differences(db, table, columns, pair)) };
}

/** Sums the hashes of the rows. The text form of a row distinguishes NULL from an empty text. */
async function checksum(db: Queryable, table: string, columns: readonly string[]): Promise<Checksum> {
  const { rows } = await db.query<Checksum>(
    `SELECT count(*)::int AS rows, coalesce(sum(hashtextextended(ROW(${columns.join(', ')})::text, 0)), 0)::text AS sum
     FROM ${table}`,
  );
  return rows[0]!;
}

async function differences(
  db: Queryable,
  table: Table<object>,
  columns: readonly string[],
  { live, next }: GenerationPair,
): Promise<Pick<GenerationComparison, 'counts' | 'sample'>> {
  const key = columns[0]!;
  const changed = columns.map((name) => `CASE WHEN a.${name} IS DISTINCT FROM b.${name} THEN '${name}' END`);
  const { rows } = await db.query<RowDifference & { total: number }>(
    `SELECT * FROM (
       SELECT *, (count(*) OVER (PARTITION BY kind))::int AS total,
         row_number() OVER (PARTITION BY kind ORDER BY key) AS n
       FROM (
         SELECT CASE WHEN b.${key} IS NULL THEN 'missing' WHEN a.${key} IS NULL THEN 'extra' ELSE 'different' END AS kind,
           coalesce(a.${key}, b.${key}) AS key, array_remove(ARRAY[${changed.join(', ')}], NULL) AS columns,
           CASE WHEN a.${key} IS NOT NULL THEN to_jsonb(a) END AS before,
           CASE WHEN b.${key} IS NOT NULL THEN to_jsonb(b) END AS after
         FROM ${generationTableName(table, live)} a FULL JOIN ${generationTableName(table, next)} b ON a.${key} = b.${key}
       ) pairs WHERE columns <> '{}'
     ) numbered WHERE n <= ${SAMPLE_OF_EACH} ORDER BY kind, n`,
  );
  const counts = { missing: 0, extra: 0, different: 0 };
  for (const { kind, total } of rows) counts[kind] = total;
  const sample = rows.map(({ kind, key: of, columns: names, before, after }) => ({
    kind,
    key: of,
    columns: names,
    before,
    after,
  }));
  return { counts, sample };
}
