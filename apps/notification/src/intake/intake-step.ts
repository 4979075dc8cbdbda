import { TOPICS, UUID } from '#libs/contracts';
import { traceparentIn, type Incoming } from '#libs/kafka';
import { startSpan, type Span } from '#libs/platform';

/** The id of the event in a message, if it can be read; anything else does not get into a log or a trace. */
export function eventIdOf(message: Incoming): string | undefined {
  const id = message.header('ce_id');
  return id !== undefined && UUID.test(id) ? id : undefined;
}

/** That this app takes an event is a step on its way; a profile is on none. */
export function intakeStep(message: Incoming): Span | undefined {
  const { topic } = message;
  if (topic === TOPICS.profiles) return undefined;
  const eventId = eventIdOf(message);
  return startSpan(`process ${topic}`, 'consumer', traceparentIn(message), {
    'messaging.system': 'kafka',
    'messaging.destination.name': topic,
    ...(eventId === undefined ? {} : { 'invitations.event_id': eventId }),
  });
}
