import { correlationOf, type LoggedEvent } from '#libs/event-store';
import type { SentFrom } from '#libs/kafka';

/** What is sent because of an event is the next step on its way. */
export const stepAfter = ({ id, event, traceparent }: LoggedEvent): SentFrom => ({
  parent: traceparent,
  attributes: {
    'invitations.event_id': id,
    'invitations.command_id': event.commandId,
    'invitations.correlation_id': correlationOf(event),
  },
});
