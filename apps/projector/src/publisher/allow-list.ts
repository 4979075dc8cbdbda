import { EVENT_TYPES } from '#libs/contracts';
import type { Outgoing } from '#libs/kafka';

const ALLOWED: ReadonlyMap<string, string> = new Map(
  Object.entries(EVENT_TYPES).map(([type, { topic }]) => [type, topic]),
);

/**
 * The last gate before Kafka, apart from what makes the messages: silence does not rest on one switch alone.
 * @throws when a message's type is not on the list, or its topic not the type's
 */
export function assertAllowed({ topic, headers }: Outgoing): void {
  const type = headers?.['ce_type'];
  if (typeof type !== 'string' || ALLOWED.get(type) !== topic) {
    throw new Error(`refused to publish ${String(type)} on ${topic}: it is not on the list of public events`);
  }
}
