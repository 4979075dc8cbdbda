import type { NamedStatement, Queryable } from '#libs/platform';
import { headKey } from './rows.js';

/*
 * Whether an account is closed (D23): with whether its limit is reached, all that leaves the command app about an account (R29). The
 * projection may be behind, so a member who has just left may still be seen for a moment.
 */

/**
 * SQL: whether the account of a member is closed. It looks for one row, by its key.
 * @param memberId an SQL expression
 */
export const isClosedAccount = (memberId: string): string =>
  `coalesce((SELECT state ? 'closed' FROM read_models.account_state WHERE key = ${memberId} LIMIT 1), false)`;

const STATEMENT: NamedStatement = {
  name: 'has closed account',
  text: `SELECT ${isClosedAccount('$1')} AS closed`,
};

export async function hasClosedAccount(db: Queryable, memberId: string): Promise<boolean> {
  const { rows } = await db.query<{ closed: boolean }>({ ...STATEMENT, values: [headKey(memberId)] });
  return rows[0]!.closed;
}
