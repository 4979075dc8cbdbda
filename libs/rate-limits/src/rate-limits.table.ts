import type { Queryable } from '#libs/platform';

/**
 * A bucket of tokens of which each refills in `costMs`; an empty one is full after `fillMs`. All that is kept of it
 * is the instant at which it is full again.
 */
export interface TokenBucket {
  readonly name: string;
  readonly costMs: number;
  readonly fillMs: number;
}

/** On the database's clock, which all instances share, unless a test brings its own. */
const AT = 'coalesce($2::timestamptz, statement_timestamp())';
const ms = (parameter: string): string => `${parameter}::double precision * interval '1 millisecond'`;

/**
 * Takes a token, in one statement, so that callers at the same time share what is left.
 * @returns undefined when it was taken, else how long until there is one, in milliseconds
 */
export async function consumeToken(
  db: Queryable,
  { name, costMs, fillMs }: TokenBucket,
  at: Date | null = null,
): Promise<number | undefined> {
  const { rowCount } = await db.query(
    `INSERT INTO read_models.rate_limits AS held (bucket, full_at) VALUES ($1, ${AT} + ${ms('$3')})
     ON CONFLICT (bucket) DO UPDATE SET full_at = greatest(held.full_at, ${AT}) + ${ms('$3')}
     WHERE greatest(held.full_at, ${AT}) + ${ms('$3')} <= ${AT} + ${ms('$4')}`,
    [name, at, costMs, fillMs],
  );
  if (rowCount === 1) return undefined;
  const { rows } = await db.query<{ wait: number }>(
    `SELECT extract(epoch FROM full_at - ${AT})::double precision * 1000 AS wait
     FROM read_models.rate_limits WHERE bucket = $1`,
    [name, at],
  );
  return Math.max(1, Math.ceil((rows[0]?.wait ?? 0) + costMs - fillMs));
}

/** Puts a token back. */
export async function refundToken(db: Queryable, { name, costMs }: TokenBucket): Promise<void> {
  await db.query(`UPDATE read_models.rate_limits SET full_at = full_at - ${ms('$2')} WHERE bucket = $1`, [
    name,
    costMs,
  ]);
}

/** Forgets buckets that are full again. */
export async function deleteFullBuckets(db: Queryable, at: Date | null = null): Promise<void> {
  await db.query(
    'DELETE FROM read_models.rate_limits WHERE full_at < coalesce($1::timestamptz, statement_timestamp())',
    [at],
  );
}
