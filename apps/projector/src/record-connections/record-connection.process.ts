import { v5 as uuid5 } from 'uuid';
import type { CommandMessage } from '#libs/contracts';
import { RecordConnectionData } from '#libs/contracts';
import type { LoggedEvent } from '#libs/event-store';

/** Namespace of the ids of these commands; it may never change. */
const COMMAND_IDS = '0b9d7c3e-6a0c-5a53-8f6f-3f8a5f0d2c11';

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
  return { type: 'invitations.record-connection.v1', commandId: uuid5(id, COMMAND_IDS), data };
}
