import type { InvitationEvent } from '#libs/invitation';
import type { RowProjection } from '#libs/projection/reading';
import {
  accountRestrictionProjection,
  archiveProjection,
  connectionsProjection,
  inboxProjection,
  sentProjection,
  type AccountRestrictionRow,
  type ConnectionRow,
  type InvitationRow,
} from '#libs/read-models/reading';
import type { Selection } from '../log/selection.js';

/** What a member saw, by the projection that showed it. */
export interface List<Row extends object> {
  readonly projection: RowProjection<InvitationEvent, Row>;
  /** Which events tell it: no others are folded. */
  selectionOf(member: string): Selection;
  /** Whether the row is on the member's own list. */
  isOf(row: Row, member: string): boolean;
  /** What the list is in the order of, the newest first: a time, and an id where times are equal. */
  orderOf(row: Row): readonly [at: string, id: string];
}

/** The inviters' streams tell it, all of them. */
const waiting = <Row extends InvitationRow>(
  projection: RowProjection<InvitationEvent, Row>,
  isShown: (row: Row) => boolean = () => true,
): List<Row> => ({
  projection,
  selectionOf: (member) => ({ member }),
  isOf: (row, member) => row.recipient_id === member && isShown(row),
  orderOf: ({ sent_at, invitation_id }) => [sent_at, invitation_id],
});

/** The member's own stream tells it. */
const own = <Row extends object>(
  projection: RowProjection<InvitationEvent, Row>,
  ownerOf: (row: Row) => string,
  orderOf: List<Row>['orderOf'],
): List<Row> => ({
  projection,
  selectionOf: (member) => ({ account: member }),
  isOf: (row, member) => ownerOf(row) === member,
  orderOf,
});

/** By the names that the command line has for them. */
export const LISTS = {
  inbox: waiting(inboxProjection),
  archive: waiting(archiveProjection, ({ ignored }) => ignored),
  sent: own(
    sentProjection,
    (row) => row.inviter_id,
    ({ sent_at, invitation_id }) => [sent_at, invitation_id],
  ),
  connections: own<ConnectionRow>(
    connectionsProjection,
    (row) => row.member_id,
    ({ since, other_id }) => [since, other_id],
  ),
  restriction: own<AccountRestrictionRow>(
    accountRestrictionProjection,
    (row) => row.account_id,
    ({ since, account_id }) => [since, account_id],
  ),
} as const;

export type ListName = keyof typeof LISTS;
