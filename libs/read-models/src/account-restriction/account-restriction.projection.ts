import type { InvitationEvent } from '#libs/invitation';
import type { RowProjection } from '#libs/projection/reading';

export interface AccountRestrictionRow {
  readonly account_id: string;
  readonly restricted: boolean;
  readonly since: string;
}

/** R26, D7: which accounts can send nothing, and since when they can or cannot. */
export const accountRestrictionProjection: RowProjection<InvitationEvent, AccountRestrictionRow> = {
  name: 'account-restriction',
  table: {
    name: 'read_models.account_restriction',
    columns: { account_id: 'text', restricted: 'boolean', since: 'timestamptz' },
  },
  keysOf: (event) =>
    event.type === 'AccountRestricted' || event.type === 'AccountRestrictionLifted' ? [event.accountId] : [],
  fold(row, event, key) {
    if (event.type === 'AccountRestricted') return { account_id: key, restricted: true, since: event.at };
    if (event.type === 'AccountRestrictionLifted') {
      return { account_id: key, restricted: false, since: event.at };
    }
    return row;
  },
};
