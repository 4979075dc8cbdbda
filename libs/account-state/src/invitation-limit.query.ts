import type { NamedStatement, Queryable } from '#libs/platform';
import { headKey } from './rows.js';

const STATEMENT: NamedStatement = {
  name: 'has reached invitation limit',
  text: `SELECT (state ->> 'sent')::int >= $2 AS reached FROM read_models.account_state WHERE key = $1`,
};

/**
 * Whether an account has sent as many invitations as it can (R2). With whether it is closed, it is the only answer about an account
 * that leaves the command app: neither the number (R3) nor anything else of the state (R29). The projection may be behind, so only a decision is final.
 * @param limit 0 or more
 */
export async function hasReachedInvitationLimit(
  db: Queryable,
  accountId: string,
  limit: number,
): Promise<boolean> {
  if (limit === 0) return true;
  const { rows } = await db.query<{ reached: boolean }>({
    ...STATEMENT,
    values: [headKey(accountId), limit],
  });
  return rows[0]?.reached ?? false;
}
