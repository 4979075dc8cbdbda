import { RecordConnectionData, serviceCommandId, type CommandMessage } from '#libs/contracts';
import type { StoredEvent } from '#libs/event-store';
import type { OneSidedConnection } from '#libs/read-models';

/**
 * D8: reacts to an acceptance with the command that records the connection in the account of the member who accepted.
 * The command id is derived from the event, so the command takes effect once, however often it is issued.
 *
 * The id contains the invitation, and with it the inviter's account, because events of earlier versions on several
 * accounts can share one event id. Those versions derived the command id from the event id alone, so an event may cause
 * both commands; the second finds the members connected and changes nothing.
 */
export function react({ id, event }: StoredEvent): CommandMessage | undefined {
  if (event.type !== 'InvitationAccepted') return undefined;
  const { recipientId, inviterId, invitationId } = event;
  return toCommand(
    { recipientId, inviterId, invitationId },
    serviceCommandId(`connection of ${id} through ${invitationId}`),
  );
}

/**
 * Creates the command again for a connection whose first command was lost. It needs an id of its own (D10): the first id
 * may be taken by an outcome of another account, or by one whose event a restored event store has lost. The id is derived
 * from the invitation, because acceptances of several invitations may share an event id, and from the time, because a
 * refusal of an id is final. The decision itself rules out that a connection is recorded twice.
 * @param at time of this attempt
 */
export const createRepairCommand = (connection: OneSidedConnection, at: Date): CommandMessage =>
  toCommand(
    connection,
    serviceCommandId(
      `connection through ${connection.invitationId} in the account ${connection.recipientId}, repaired at ${at.toISOString()}`,
    ),
  );

const toCommand = (
  { recipientId, inviterId, invitationId }: OneSidedConnection,
  commandId: string,
): CommandMessage => ({
  type: 'invitations.record-connection.v1',
  commandId,
  data: Object.assign(new RecordConnectionData(), {
    accountId: recipientId,
    memberId: inviterId,
    through: invitationId,
  }),
});
