import type { Queryable } from '#libs/platform';

/**
 * Returns the accounts that have sent an invitation, according to the projection `sent`. That is late and may be rebuilt, so
 * the result is only a hint whether an account has a stream.
 */
export async function findAccountsWithInvitations(
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
