import type { InvitationEvent } from '#libs/invitation';
import type { RowProjection } from '#libs/projection/read-only';

export interface ConnectionRow {
  readonly pair: string;
  readonly member_id: string;
  readonly other_id: string;
  readonly since: string;
}

/**
 * R1, R10, D8: who is connected with whom, one row for each side. The acceptance in the inviter's stream writes the inviter's
 * row; the recorded connection in the recipient's stream writes the recipient's. So no row is written from two streams. In
 * the same way, each side's row is deleted when the account of one of them is closed (D23).
 */
export const connectionsProjection: RowProjection<InvitationEvent, ConnectionRow> = {
  name: 'connections',
  table: {
    name: 'read_models.connections',
    columns: { pair: 'text', member_id: 'text', other_id: 'text', since: 'timestamptz' },
  },
  keysOf(event) {
    const side = sideOf(event);
    return side === undefined ? [] : [pairOf(side)];
  },
  erasure: {
    membersOf: ({ member_id: member, other_id: other }) => [member, other],
    without: (row, isErased) => (isErased(row.member_id) || isErased(row.other_id) ? undefined : row),
  },
  fold(row, event) {
    const side = sideOf(event);
    if (event.type === 'ConnectionEnded') return undefined;
    if (row !== undefined || side === undefined) return row;
    return { pair: pairOf(side), member_id: side.memberId, other_id: side.otherId, since: event.at };
  },
};

interface Side {
  readonly memberId: string;
  readonly otherId: string;
}

function sideOf(event: InvitationEvent): Side | undefined {
  if (event.type === 'InvitationAccepted') return { memberId: event.inviterId, otherId: event.recipientId };
  if (event.type === 'ConnectionRecorded' || event.type === 'ConnectionEnded')
    return { memberId: event.accountId, otherId: event.memberId };
  return undefined;
}

/** No member id contains a blank. */
const pairOf = ({ memberId, otherId }: Side) => `${memberId} ${otherId}`;
