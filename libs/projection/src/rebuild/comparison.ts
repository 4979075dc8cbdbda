import type { Queryable } from '#libs/platform';
import { tableOf, type Table } from '../row-projection.js';
import type { Pair } from './level.js';

/** All rows of a table as one number, in whatever order they lie. */
export interface Checksum {
  readonly rows: number;
  readonly sum: string;
}

export interface Difference {
  /** The row is missing in the new generation, or only there, or other columns. */
  readonly kind: 'missing' | 'extra' | 'different';
  readonly key: string;
  readonly columns: readonly string[];
  /** What members wrote may be in them: for who asks for it. */
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
}

export interface Comparison {
  readonly live: Checksum;
  readonly next: Checksum;
  readonly agree: boolean;
  readonly counts: Readonly<Record<Difference['kind'], number>>;
  /** Some of each kind. */
  readonly sample: readonly Difference[];
}

const SAMPLE_OF_EACH = 5;

/** @param db a transaction with one snapshot of both */
export async function compareGenerations(
  db: Queryable,
  table: Table<object>,
  pair: Pair,
): Promise<Comparison> {
  const columns = Object.keys(table.columns);
  const live = await checksum(db, tableOf(table, pair.live), columns);
  const next = await checksum(db, tableOf(table, pair.next), columns);
  if (live.rows === next.rows && live.sum === next.sum) {
    return { live, next, agree: true, counts: { missing: 0, extra: 0, different: 0 }, sample: [] };
  }
  return { live, next, agree: false, ...(await differences(db, table, columns, pair)) };
}

/** The sum of the rows' hashes. The text of a row tells NULL from the empty text. */
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
  { live, next }: Pair,
): Promise<Pick<Comparison, 'counts' | 'sample'>> {
  const key = columns[0]!;
  const changed = columns.map((name) => `CASE WHEN a.${name} IS DISTINCT FROM b.${name} THEN '${name}' END`);
  const { rows } = await db.query<Difference & { total: number }>(
    `SELECT * FROM (
       SELECT *, (count(*) OVER (PARTITION BY kind))::int AS total,
         row_number() OVER (PARTITION BY kind ORDER BY key) AS n
       FROM (
         SELECT CASE WHEN b.${key} IS NULL THEN 'missing' WHEN a.${key} IS NULL THEN 'extra' ELSE 'different' END AS kind,
           coalesce(a.${key}, b.${key}) AS key, array_remove(ARRAY[${changed.join(', ')}], NULL) AS columns,
           CASE WHEN a.${key} IS NOT NULL THEN to_jsonb(a) END AS before,
           CASE WHEN b.${key} IS NOT NULL THEN to_jsonb(b) END AS after
         FROM ${tableOf(table, live)} a FULL JOIN ${tableOf(table, next)} b ON a.${key} = b.${key}
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
