import type { Queryable } from '#libs/platform';

/** Whether an account can send invitations. */
export interface AccountRestriction {
  readonly accountId: string;
  readonly restricted: boolean;
  /** When it was restricted or, if it no longer is, when that was lifted; absent where it never was. */
  readonly since?: string;
}

/** An account that nobody has heard of is not restricted. */
export async function findAccountRestriction(db: Queryable, accountId: string): Promise<AccountRestriction> {
  const { rows } = await db.query<{ restricted: boolean; since: string }>(
    'SELECT restricted, since FROM read_models.account_restriction WHERE account_id = $1',
    [accountId],
  );
  return { accountId, restricted: false, ...rows[0] };
}
