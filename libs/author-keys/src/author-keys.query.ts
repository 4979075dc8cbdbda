import type { Queryable } from '#libs/platform';
import type { WrappedKey } from './encryption.js';

/** An author's row: the wrapped key, or `erased`. */
export type StoredKey = WrappedKey | 'erased';

export interface KeyRow {
  readonly author_id: string;
  readonly wrapping_key: string | null;
  readonly wrapped: Buffer | null;
}

const toStoredKey = ({ wrapping_key: wrappingKey, wrapped }: KeyRow): StoredKey =>
  wrappingKey === null || wrapped === null ? 'erased' : { wrappingKey, wrapped };

/** @returns the keys of authors; one who has never had a key is missing */
export async function findStoredKeys(
  db: Queryable,
  authorIds: readonly string[],
): Promise<ReadonlyMap<string, StoredKey>> {
  if (authorIds.length === 0) return new Map();
  const { rows } = await db.query<KeyRow>({
    name: 'find author keys',
    text: 'SELECT author_id, wrapping_key, wrapped FROM read_models.author_keys WHERE author_id = ANY($1)',
    values: [authorIds],
  });
  return new Map(rows.map((row) => [row.author_id, toStoredKey(row)]));
}

/** @returns which of the members were erased. Never cached, unlike the keys. */
export async function findErased(db: Queryable, memberIds: readonly string[]): Promise<ReadonlySet<string>> {
  if (memberIds.length === 0) return new Set();
  const { rows } = await db.query<{ author_id: string }>({
    name: 'find erased members',
    text: 'SELECT author_id FROM read_models.author_keys WHERE erased_at IS NOT NULL AND author_id = ANY($1)',
    values: [memberIds],
  });
  return new Set(rows.map((row) => row.author_id));
}

/**
 * SQL: whether one of the members was erased. It looks for one row (`LIMIT 1`), because the planner could turn an EXISTS into a
 * hash of the whole table.
 * @param members SQL expressions of type `text`
 */
export const isAnyErased = (...members: readonly string[]): string =>
  `(SELECT true FROM read_models.author_keys erased
    WHERE erased.erased_at IS NOT NULL AND erased.author_id IN (${members.join(', ')}) LIMIT 1) IS NOT NULL`;

/** @returns all members who were erased */
export async function findAllErased(db: Queryable): Promise<ReadonlySet<string>> {
  const { rows } = await db.query<{ author_id: string }>(
    'SELECT author_id FROM read_models.author_keys WHERE erased_at IS NOT NULL',
  );
  return new Set(rows.map((row) => row.author_id));
}
