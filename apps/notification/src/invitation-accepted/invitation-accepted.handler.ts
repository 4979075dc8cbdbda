import { saveConnections } from '../connections/connections.table.js';
import { queueDeliveries } from '../deliveries/deliveries.table.js';
import { parseEventOf, type EventOf } from '../intake/events-of-type.js';
import type { TopicHandler } from '../intake/topic-handler.js';

/** R10, R12: the two are connected, and the inviter gets an e-mail. */
export const invitationAcceptedHandler: TopicHandler<EventOf<'invitations.accepted.v1'>> = {
  parse: (message, traceparent) => parseEventOf('invitations.accepted.v1', message, traceparent),
  async store(tx, events) {
    await saveConnections(
      tx,
      events.map(({ data: { inviterId, recipientId, at } }) => ({
        between: [inviterId, recipientId],
        since: at,
      })),
    );
    await queueDeliveries(
      tx,
      events.map(({ id, traceparent, data: { invitationId, inviterId, recipientId, at } }) => ({
        eventId: id,
        recipientId: inviterId,
        kind: 'acceptance',
        aboutId: recipientId,
        invitationId,
        happenedAt: at,
        traceparent,
        content: {},
      })),
    );
  },
};
