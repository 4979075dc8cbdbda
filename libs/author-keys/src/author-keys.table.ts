import type { Queryable } from '#libs/platform';
import type { KeyRow } from './author-keys.query.js';
import { unwrapKey, wrapKey, type WrappedKey, type WrappingKeys } from './encryption.js';

/**
 * Stores keys for authors who have none. The first key that is stored for an author stays, and an erased author stays erased.
 *
 * Nothing is returned for each row, and all keys are one parameter: rows and arrays of bytes cost the app more than the encryption.
 * The rows are inserted in order, so two processes cannot deadlock.
 * @param keys all wrapped with the same wrapping key, so all have the same length
 * @returns whether all were stored; if not, some of the authors had got a row already
 */
export async function storeKeys(db: Queryable, keys: ReadonlyMap<string, WrappedKey>): Promise<boolean> {
  const [first] = keys.values();
  if (first === undefined) return true;
  const { rowCount } = await db.query({
    name: 'store author keys',
    text: `INSERT INTO read_models.author_keys (author_id, wrapping_key, wrapped)
     SELECT author_id, $2, substring($3::bytea FROM (ordinal::integer - 1) * $4::integer + 1 FOR $4::integer)
     FROM unnest($1::text[]) WITH ORDINALITY AS given (author_id, ordinal)
     ORDER BY author_id COLLATE "C"
     ON CONFLICT (author_id) DO NOTHING`,
    values: [
      [...keys.keys()],
      first.wrappingKey,
      Buffer.concat([...keys.values()].map(({ wrapped }) => wrapped)),
      first.wrapped.length,
    ],
  });
  return rowCount === keys.size;
}

/**
 * Deletes an author's key for ever. The row remains, so that no key is created for the author again.
 * @returns whether there was a key
 */
export async function eraseKey(db: Queryable, authorId: string): Promise<boolean> {
  const { rows } = await db.query<{ readonly had_key: boolean }>(
    `INSERT INTO read_models.author_keys AS kept (author_id, erased_at) VALUES ($1, now())
     ON CONFLICT (author_id) DO UPDATE SET wrapping_key = NULL, wrapped = NULL, erased_at = excluded.erased_at
     WHERE kept.wrapped IS NOT NULL
     RETURNING xmax <> 0 AS had_key`,
    [authorId],
  );
  return rows[0]?.had_key ?? false;
}

/** @returns how many keys each wrapping key wraps */
export async function countKeys(db: Queryable): Promise<ReadonlyMap<string, number>> {
  const { rows } = await db.query<{ readonly wrapping_key: string; readonly keys: string }>(
    `SELECT wrapping_key, count(*)::text AS keys FROM read_models.author_keys
     WHERE wrapping_key IS NOT NULL GROUP BY wrapping_key ORDER BY wrapping_key`,
  );
  return new Map(rows.map((row) => [row.wrapping_key, Number(row.keys)]));
}

/**
 * Wraps keys again that are not wrapped with the first of the wrapping keys. A key that is erased meanwhile stays erased.
 * @returns how many were wrapped; fewer than the limit when none is left
 * @throws WrappingKeyMissingError
 */
export async function rewrapKeys(db: Queryable, keys: WrappingKeys, limit: number): Promise<number> {
  const { rows } = await db.query<KeyRow>(
    'SELECT author_id, wrapping_key, wrapped FROM read_models.author_keys WHERE wrapping_key <> $1 ORDER BY author_id LIMIT $2',
    [keys[0].id, limit],
  );
  if (rows.length === 0) return 0;
  const wrapped = rows.map(({ author_id: authorId, wrapping_key: wrappingKey, wrapped: bytes }) => {
    const key = unwrapKey(keys, authorId, { wrappingKey: wrappingKey!, wrapped: bytes! });
    return wrapKey(keys, authorId, key).wrapped;
  });
  await db.query(
    `UPDATE read_models.author_keys AS kept SET wrapping_key = $2, wrapped = given.wrapped
     FROM unnest($1::text[], $3::bytea[]) AS given (author_id, wrapped)
     WHERE kept.author_id = given.author_id AND kept.wrapped IS NOT NULL`,
    [rows.map((row) => row.author_id), keys[0].id, wrapped],
  );
  return rows.length;
}
