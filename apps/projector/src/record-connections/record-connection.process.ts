import { RecordConnectionData, serviceCommandId, type CommandMessage } from '#libs/contracts';
import type { LoggedEvent } from '#libs/event-store';

/**
 * D8: after an acceptance the member who accepted has the connection recorded in their own account. The command's id
 * follows from the event, so however often it is issued, it is carried out once.
 */
export function commandAfter({ id, event }: LoggedEvent): CommandMessage | undefined {
  if (event.type !== 'InvitationAccepted') return undefined;
  const data = Object.assign(new RecordConnectionData(), {
    accountId: event.recipientId,
    memberId: event.inviterId,
    through: event.invitationId,
  });
  return {
    type: 'invitations.record-connection.v1',
    commandId: serviceCommandId(`connection of ${id}`),
    data,
  };
}
