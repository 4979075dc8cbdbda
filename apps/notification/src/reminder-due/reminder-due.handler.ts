import { queueDeliveries } from '../deliveries/deliveries.table.js';
import { parseEventOf, type EventOf } from '../intake/events-of-type.js';
import { instantOf } from '../intake/instant.js';
import type { TopicHandler } from '../intake/topic-handler.js';

/** R6: a reminder is due. That it may be sent at all has been decided; until when, it says itself. */
export const reminderDueHandler: TopicHandler<EventOf<'invitations.reminder-due.v1'>> = {
  parse(message, traceparent) {
    const event = parseEventOf('invitations.reminder-due.v1', message, traceparent);
    event.data.validUntil = instantOf(event.data.validUntil, 'validUntil');
    return event;
  },
  store: (tx, events) =>
    queueDeliveries(
      tx,
      events.map(({ id, traceparent, data: { invitationId, inviterId, recipientId, at, validUntil } }) => ({
        eventId: id,
        recipientId,
        kind: 'reminder',
        aboutId: inviterId,
        invitationId,
        happenedAt: at,
        traceparent,
        validUntil,
        content: {},
      })),
    ),
};
