import {
  InvalidDataError,
  parseEvent,
  type EventMessage,
  type EventType,
  type Topics,
} from '#libs/contracts';
import type { ConsumedMessage } from '#libs/kafka';
import type { MailKind } from '#libs/mail';
import type { MemberDirectory, MemberUpdate } from '#libs/profiles';
import { saveConnections } from '../members/members.table.js';
import type { Delivery } from '../outbox/delivery.js';
import { enqueueDeliveries } from '../outbox/outbox.table.js';
import { makeDueForMembers } from '../outbox/reschedule.table.js';
import type { TopicHandler } from './message-batch-handler.js';

/*
 * What the app does with each topic: four events enqueue e-mails, and profiles keep the members. Each topic carries one
 * type of message.
 */

type EventOf<Type extends EventType> = Extract<EventMessage, { type: Type }> & {
  readonly traceparent?: string | undefined;
};

/** An e-mail to one member of an invitation about the other one. */
function toDelivery(
  kind: MailKind,
  to: 'inviter' | 'recipient',
  { id, traceparent, data }: EventOf<EventType>,
): Omit<Delivery, 'content'> {
  const { invitationId, inviterId, recipientId, at } = data;
  const [receiverId, aboutId] = to === 'recipient' ? [recipientId, inviterId] : [inviterId, recipientId];
  return { eventId: id, recipientId: receiverId, kind, aboutId, invitationId, happenedAt: at, traceparent };
}

/** An invitation was sent: its recipient gets an e-mail (R5). */
const invitationSent: TopicHandler<EventOf<'invitations.sent.v1'>> = {
  parse: (message, traceparent) => parseEventOfType('invitations.sent.v1', message, traceparent),
  store: (tx, events, maxAgeMs) =>
    enqueueDeliveries(
      tx,
      events.map((event) => {
        const { message } = event.data;
        return { ...toDelivery('invitation', 'recipient', event), content: message ? { message } : {} };
      }),
      maxAgeMs,
    ),
};

/**
 * A reminder is due: the recipient gets an e-mail (R6). The reminders process has decided that it may be sent, and
 * `validUntil` says until when.
 */
const reminderDue: TopicHandler<EventOf<'invitations.reminder-due.v1'>> = {
  parse(message, traceparent) {
    const event = parseEventOfType('invitations.reminder-due.v1', message, traceparent);
    event.data.validUntil = toPostgresInstant(event.data.validUntil, 'validUntil');
    return event;
  },
  store: (tx, events, maxAgeMs) =>
    enqueueDeliveries(
      tx,
      events.map((event) => {
        const { validUntil } = event.data;
        return { ...toDelivery('reminder', 'recipient', event), validUntil, content: {} };
      }),
      maxAgeMs,
    ),
};

/** An invitation was accepted: the two members are connected, and the inviter gets an e-mail (R10, R12). */
const invitationAccepted: TopicHandler<EventOf<'invitations.accepted.v1'>> = {
  parse: (message, traceparent) => parseEventOfType('invitations.accepted.v1', message, traceparent),
  async store(tx, events, maxAgeMs) {
    await saveConnections(
      tx,
      events.map(({ data: { inviterId, recipientId, at } }) => ({
        between: [inviterId, recipientId],
        since: at,
      })),
    );
    await enqueueDeliveries(
      tx,
      events.map((event) => ({ ...toDelivery('acceptance', 'inviter', event), content: {} })),
      maxAgeMs,
    );
  },
};

/** The recipient has replied: the inviter gets an e-mail with the reply, and nothing else happens (R16). */
const invitationReplied: TopicHandler<EventOf<'invitations.replied.v1'>> = {
  parse: (message, traceparent) => parseEventOfType('invitations.replied.v1', message, traceparent),
  store: (tx, events, maxAgeMs) =>
    enqueueDeliveries(
      tx,
      events.map((event) => {
        const { message } = event.data;
        return { ...toDelivery('reply', 'inviter', event), content: { message } };
      }),
      maxAgeMs,
    ),
};

/** A profile was changed or removed: the member is saved, and e-mails that waited for the member become due (D13). */
export const memberProfiles = (directory: MemberDirectory): TopicHandler<MemberUpdate> => ({
  isUntraced: true,
  parse: (message) => directory.read(message),
  store: (tx, updates) => directory.apply(tx, updates),
  afterCommit: (db, updates) =>
    makeDueForMembers(
      db,
      updates.map(({ id }) => id),
    ),
});

/** The handlers of events, by topic. */
export const createEventHandlers = (topics: Topics): ReadonlyMap<string, TopicHandler<unknown>> =>
  new Map<string, TopicHandler<unknown>>([
    [topics.sent, invitationSent],
    [topics.reminderDue, reminderDue],
    [topics.accepted, invitationAccepted],
    [topics.replied, invitationReplied],
  ]);

/** The handlers of all topics that the app consumes. */
export const createTopicHandlers = (
  topics: Topics,
  directory: MemberDirectory,
): ReadonlyMap<string, TopicHandler<unknown>> =>
  new Map([[topics.profiles, memberProfiles(directory)], ...createEventHandlers(topics)]);

/** @throws InvalidDataError also for a valid event of another type */
function parseEventOfType<Type extends EventType>(
  type: Type,
  message: ConsumedMessage,
  traceparent?: string,
): EventOf<Type> {
  const event = parseEvent(message);
  if (event.type !== type) throw new InvalidDataError([`header ce_type must be ${type} on this topic`]);
  event.data.at = toPostgresInstant(event.data.at, 'at');
  return { ...event, traceparent } as EventOf<Type>;
}

/**
 * Converts an ISO 8601 instant to the form that PostgreSQL reads: ISO 8601 has more forms, and more years.
 * @throws InvalidDataError
 */
function toPostgresInstant(text: string, field: string): string {
  const time = new Date(text);
  if (Number.isNaN(time.getTime()) || !/^[1-9]\d{3}-/.test(time.toISOString())) {
    throw new InvalidDataError([`${field} must be an instant of a four-digit year`]);
  }
  return time.toISOString();
}
