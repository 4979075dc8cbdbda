import { cloudEventHeaders, EVENT_TYPES, SOURCE, type EventType } from '#libs/contracts';
import type { LoggedEvent } from '#libs/event-store';
import { unreachable, type InvitationEvent } from '#libs/invitation';
import type { Outgoing } from '#libs/kafka';

/**
 * The public form of an event, or nothing: an ignore, a decline and a withdrawal have none (R20, R30, R33), nor has
 * anything of an account's restriction (R29). A new event must be decided about here before this compiles.
 */
export function publicEvent({ id, event }: LoggedEvent): Outgoing | undefined {
  switch (event.type) {
    case 'InvitationSent':
      return message(
        id,
        'invitations.sent.v1',
        event,
        event.message === undefined ? {} : { message: event.message },
      );
    case 'InvitationAccepted':
      return message(id, 'invitations.accepted.v1', event, { via: event.via });
    case 'InvitationReplied':
      return message(id, 'invitations.replied.v1', event, { message: event.message });
    case 'InvitationReminderDue': {
      const { ordinal, validUntil } = event;
      return message(id, 'invitations.reminder-due.v1', event, { ordinal, validUntil });
    }
    case 'InvitationIgnored':
    case 'InvitationDeclined':
    case 'InvitationWithdrawn':
    case 'AccountRestricted':
    case 'AccountRestrictionLifted':
    case 'ConnectionRecorded':
      return undefined;
    default:
      return unreachable(event);
  }
}

function message(
  id: string,
  type: EventType,
  event: Extract<InvitationEvent, { invitationId: string }>,
  rest: object,
): Outgoing {
  const { topic, key } = EVENT_TYPES[type];
  const { invitationId, inviterId, recipientId, at } = event;
  return {
    topic,
    key: event[key],
    value: JSON.stringify({ invitationId, inviterId, recipientId, at, ...rest }),
    headers: cloudEventHeaders({ id, type, source: SOURCE, time: at, subject: invitationId }),
  };
}
