import type { Queryable } from '#libs/platform';

/** Which of the accounts are known to have sent an invitation. Late as every read model: a hint, and no fact. */
export async function findInviters(
  db: Queryable,
  accountIds: readonly string[],
): Promise<ReadonlySet<string>> {
  if (accountIds.length === 0) return new Set();
  const { rows } = await db.query<{ id: string }>(
    `SELECT id FROM unnest($1::text[]) AS asked (id)
     WHERE EXISTS (SELECT FROM read_models.sent WHERE inviter_id = id)`,
    [accountIds],
  );
  return new Set(rows.map(({ id }) => id));
}
