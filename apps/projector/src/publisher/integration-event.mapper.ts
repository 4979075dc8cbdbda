import { cloudEventHeaders, EVENT_TYPES, CLOUD_EVENT_SOURCE, type EventType } from '#libs/contracts';
import { correlationIdOf, type StoredEvent } from '#libs/event-store';
import { assertNever, type InvitationEvent } from '#libs/invitation';
import type { ProducerMessage } from '#libs/kafka';

/**
 * Maps an event to the message that is published, if it is public.
 * @throws when the message is not on the list of public events
 */
export function toPublishedMessage(stored: StoredEvent): ProducerMessage | undefined {
  const message = toIntegrationEvent(stored);
  if (message === undefined) return undefined;
  assertPublishable(message);
  const { id, event, traceparent } = stored;
  const attributes = {
    'invitations.event_id': id,
    'invitations.command_id': event.commandId,
    'invitations.correlation_id': correlationIdOf(event),
  };
  return { ...message, trace: { parent: traceparent, attributes } };
}

/**
 * Maps an event to its integration event. Ignores, declines and withdrawals have none (R20, R30, R33), nor have
 * restrictions of an account (R29). A new type of event does not compile until it is decided here.
 */
export function toIntegrationEvent({ id, event }: StoredEvent): ProducerMessage | undefined {
  switch (event.type) {
    case 'InvitationSent':
      return toMessage(
        id,
        'invitations.sent.v1',
        event,
        event.message === undefined ? {} : { message: event.message },
      );
    case 'InvitationAccepted':
      return toMessage(id, 'invitations.accepted.v1', event, { via: event.via });
    case 'InvitationReplied':
      return toMessage(id, 'invitations.replied.v1', event, { message: event.message });
    case 'InvitationReminderDue': {
      const { ordinal, validUntil } = event;
      return toMessage(id, 'invitations.reminder-due.v1', event, { ordinal, validUntil });
    }
    case 'InvitationIgnored':
    case 'InvitationDeclined':
    case 'InvitationWithdrawn':
    case 'AccountRestricted':
    case 'AccountRestrictionLifted':
    case 'ConnectionRecorded':
      return undefined;
    default:
      return assertNever(event);
  }
}

function toMessage(
  id: string,
  type: EventType,
  event: Extract<InvitationEvent, { invitationId: string }>,
  rest: object,
): ProducerMessage {
  const { topic, key } = EVENT_TYPES[type];
  const { invitationId, inviterId, recipientId, at } = event;
  return {
    topic,
    key: event[key],
    value: JSON.stringify({ invitationId, inviterId, recipientId, at, ...rest }),
    headers: cloudEventHeaders({ id, type, source: CLOUD_EVENT_SOURCE, time: at, subject: invitationId }),
  };
}

const TOPIC_BY_TYPE: ReadonlyMap<string, string> = new Map(
  Object.entries(EVENT_TYPES).map(([type, { topic }]) => [type, topic]),
);

/**
 * Checks a message against the list of public events, independently of the mapper: silence (D1) must not depend on one
 * `switch` alone.
 * @throws when the message's type is not on the list, or its topic is not that of the type
 */
export function assertPublishable({ topic, headers }: ProducerMessage): void {
  const type = headers?.['ce_type'];
  if (typeof type !== 'string' || TOPIC_BY_TYPE.get(type) !== topic) {
    throw new Error(`refused to publish ${String(type)} on ${topic}: it is not on the list of public events`);
  }
}
