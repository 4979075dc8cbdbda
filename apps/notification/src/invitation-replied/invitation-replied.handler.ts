import { queueDeliveries } from '../deliveries/deliveries.table.js';
import { parseEventOf, type EventOf } from '../intake/events-of-type.js';
import type { TopicHandler } from '../intake/topic-handler.js';

/** R16: a reply gives the inviter an e-mail, and nothing else happens. */
export const invitationRepliedHandler: TopicHandler<EventOf<'invitations.replied.v1'>> = {
  parse: (message, traceparent) => parseEventOf('invitations.replied.v1', message, traceparent),
  store: (tx, events) =>
    queueDeliveries(
      tx,
      events.map(({ id, traceparent, data: { invitationId, inviterId, recipientId, at, message } }) => ({
        eventId: id,
        recipientId: inviterId,
        kind: 'reply',
        aboutId: recipientId,
        invitationId,
        happenedAt: at,
        traceparent,
        content: { message },
      })),
    ),
};
