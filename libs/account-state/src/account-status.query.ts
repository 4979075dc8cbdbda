import type { NamedStatement, Queryable } from '#libs/platform';

/*
 * All that leaves the command app about an account: whether it is closed (D23), and whether its invitation limit is reached (R2). Neither
 * the number of invitations (R3) nor anything else of the state does (R29). The projection may be behind: a member who has just
 * left may still be seen for a moment, and only a decision is final. The row of an account's head has the account's id as its key.
 */

/**
 * SQL: whether the account of a member is closed. It looks for one row, by its key.
 * @param memberId an SQL expression
 */
export const isClosedAccount = (memberId: string): string =>
  `coalesce((SELECT state ? 'closed' FROM read_models.account_state WHERE key = ${memberId} LIMIT 1), false)`;

const HAS_CLOSED: NamedStatement = {
  name: 'has closed account',
  text: `SELECT ${isClosedAccount('$1')} AS closed`,
};

export async function hasClosedAccount(db: Queryable, memberId: string): Promise<boolean> {
  const { rows } = await db.query<{ closed: boolean }>({ ...HAS_CLOSED, values: [memberId] });
  return rows[0]!.closed;
}

const HAS_REACHED_LIMIT: NamedStatement = {
  name: 'has reached invitation limit',
  text: `SELECT (state ->> 'sent')::int >= $2 AS reached FROM read_models.account_state WHERE key = $1`,
};

/**
 * Whether an account has sent as many invitations as it can.
 * @param limit 0 or more
 */
export async function hasReachedInvitationLimit(
  db: Queryable,
  accountId: string,
  limit: number,
): Promise<boolean> {
  if (limit === 0) return true;
  const { rows } = await db.query<{ reached: boolean }>({
    ...HAS_REACHED_LIMIT,
    values: [accountId, limit],
  });
  return rows[0]?.reached ?? false;
}
