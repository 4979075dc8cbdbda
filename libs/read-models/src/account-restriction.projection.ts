import type { InvitationEvent } from '#libs/invitation';
import type { Queryable } from '#libs/platform';
import type { RowProjection } from '#libs/projection/read-only';

export interface AccountRestrictionRow {
  readonly account_id: string;
  readonly restricted: boolean;
  readonly since: string;
}

/** R26, D7: which accounts may not send invitations, and since when. */
export const accountRestrictionProjection: RowProjection<InvitationEvent, AccountRestrictionRow> = {
  name: 'account-restriction',
  table: {
    name: 'read_models.account_restriction',
    columns: { account_id: 'text', restricted: 'boolean', since: 'timestamptz' },
  },
  keysOf: (event) =>
    event.type === 'AccountRestricted' || event.type === 'AccountRestrictionLifted' ? [event.accountId] : [],
  erasure: {
    membersOf: ({ account_id: account }) => [account],
    without: (row, isErased) => (isErased(row.account_id) ? undefined : row),
  },
  fold(row, event, key) {
    if (event.type === 'AccountRestricted') return { account_id: key, restricted: true, since: event.at };
    if (event.type === 'AccountRestrictionLifted') {
      return { account_id: key, restricted: false, since: event.at };
    }
    return row;
  },
};

/** Whether an account may send invitations. */
export interface AccountRestriction {
  readonly accountId: string;
  readonly restricted: boolean;
  /** When the account was restricted or, if it no longer is, when the restriction was lifted; absent if it never was. */
  readonly since?: string;
}

/** An account without a row is not restricted. */
export async function findAccountRestriction(db: Queryable, accountId: string): Promise<AccountRestriction> {
  const { rows } = await db.query<{ restricted: boolean; since: string }>({
    name: 'find restriction',
    text: 'SELECT restricted, since FROM read_models.account_restriction WHERE account_id = $1',
    values: [accountId],
  });
  return { accountId, restricted: false, ...rows[0] };
}
