import { InvalidData, parseEvent, type EventMessage, type EventType } from '#libs/contracts';
import type { Incoming } from '#libs/kafka';
import { instantOf } from './instant.js';

export type EventOf<Type extends EventType> = Extract<EventMessage, { type: Type }> & {
  readonly traceparent?: string | undefined;
};

/**
 * The event in a message of a topic that carries one type only.
 * @throws InvalidData
 */
export function parseEventOf<Type extends EventType>(
  type: Type,
  message: Incoming,
  traceparent?: string,
): EventOf<Type> {
  const event = parseEvent(message);
  if (event.type !== type) throw new InvalidData([`header ce_type must be ${type} on this topic`]);
  event.data.at = instantOf(event.data.at, 'at');
  return { ...event, traceparent } as EventOf<Type>;
}
