import { queueDeliveries } from '../deliveries/deliveries.table.js';
import { parseEventOf, type EventOf } from '../intake/events-of-type.js';
import type { TopicHandler } from '../intake/topic-handler.js';

/** R5: sending gives the recipient one e-mail about the inviter's interest. */
export const invitationSentHandler: TopicHandler<EventOf<'invitations.sent.v1'>> = {
  parse: (message, traceparent) => parseEventOf('invitations.sent.v1', message, traceparent),
  store: (tx, events) =>
    queueDeliveries(
      tx,
      events.map(({ id, traceparent, data: { invitationId, inviterId, recipientId, at, message } }) => ({
        eventId: id,
        recipientId,
        kind: 'invitation',
        aboutId: inviterId,
        invitationId,
        happenedAt: at,
        traceparent,
        content: message ? { message } : {},
      })),
    ),
};
