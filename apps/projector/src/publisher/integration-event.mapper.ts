import {
  cloudEventHeaders,
  EVENT_TYPES,
  CLOUD_EVENT_SOURCE,
  type EventType,
  type TopicName,
  type Topics,
} from '#libs/contracts';
import { correlationIdOf, type StoredEvent } from '#libs/event-store';
import { assertNever, type InvitationEvent } from '#libs/invitation';
import type { ProducerMessage } from '#libs/kafka';

/**
 * Maps an event to the message that is published, if it is public.
 * @param topics of this installation
 * @throws when the message is not on the list of public events
 */
export function toPublishedMessage(stored: StoredEvent, topics: Topics): ProducerMessage | undefined {
  const message = toIntegrationEvent(stored, topics);
  if (message === undefined) return undefined;
  assertPublishable(message, topics);
  const { id, event, traceparent } = stored;
  const attributes = {
    'invitations.event_id': id,
    'invitations.command_id': event.commandId,
    'invitations.correlation_id': correlationIdOf(event),
  };
  return { ...message, trace: { parent: traceparent, attributes } };
}

/**
 * Maps an event to its integration event. Ignores, restores, declines, withdrawals and expiries have none (R20, R30, R33, D20,
 * D22), nor have restrictions of an account (R29) and what follows when one is closed (D23). A new type of event does not compile
 * until it is decided here.
 */
export function toIntegrationEvent({ id, event }: StoredEvent, topics: Topics): ProducerMessage | undefined {
  const toMessage = (type: EventType, of: InvitationFact, rest: object) =>
    createMessage(topics, id, type, of, rest);
  switch (event.type) {
    case 'InvitationSent':
      return toMessage(
        'invitations.sent.v1',
        event,
        typeof event.message === 'string' ? { message: event.message } : {},
      );
    case 'InvitationAccepted':
      return toMessage('invitations.accepted.v1', event, { via: event.via });
    case 'InvitationReplied':
      // A reply whose author was erased before it was published: nothing is left to tell.
      return event.message === null
        ? undefined
        : toMessage('invitations.replied.v1', event, { message: event.message });
    case 'InvitationReminderDue': {
      const { ordinal, validUntil } = event;
      return toMessage('invitations.reminder-due.v1', event, { ordinal, validUntil });
    }
    case 'InvitationIgnored':
    case 'InvitationRestored':
    case 'InvitationDeclined':
    case 'InvitationWithdrawn':
    case 'InvitationExpired':
    case 'InvitationClosed':
    case 'AccountRestricted':
    case 'AccountRestrictionLifted':
    case 'AccountClosed':
    case 'ConnectionRecorded':
    case 'ConnectionEnded':
      return undefined;
    default:
      return assertNever(event);
  }
}

type InvitationFact = Extract<InvitationEvent, { invitationId: string }>;

function createMessage(
  topics: Topics,
  id: string,
  type: EventType,
  event: InvitationFact,
  rest: object,
): ProducerMessage {
  const { topic, key } = EVENT_TYPES[type];
  const { invitationId, inviterId, recipientId, at } = event;
  return {
    topic: topics[topic],
    key: event[key],
    value: JSON.stringify({ invitationId, inviterId, recipientId, at, ...rest }),
    headers: cloudEventHeaders({ id, type, source: CLOUD_EVENT_SOURCE, time: at, subject: invitationId }),
  };
}

const TOPIC_BY_TYPE: ReadonlyMap<string, TopicName> = new Map(
  Object.entries(EVENT_TYPES).map(([type, { topic }]) => [type, topic]),
);

/**
 * Checks a message against the list of public events, independently of the mapper: silence (D1) must not depend on one
 * `switch` alone.
 * @throws when the message's type is not on the list, or its topic is not that of the type
 */
export function assertPublishable({ topic, headers }: ProducerMessage, topics: Topics): void {
  const type = headers?.['ce_type'];
  const name = typeof type === 'string' ? TOPIC_BY_TYPE.get(type) : undefined;
  if (name === undefined || topics[name] !== topic) {
    throw new Error(`refused to publish ${String(type)} on ${topic}: it is not on the list of public events`);
  }
}
