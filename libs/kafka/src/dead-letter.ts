import type { Incoming } from './incoming.js';
import type { Outgoing } from './outgoing.js';

/**
 * A message that cannot be worked on, as it goes to a dead-letter topic: key, value and headers byte for byte, and
 * beside them where it stood, why it is there and since when.
 * @param reason names fields, never values
 */
export function deadLetter(message: Incoming, topic: string, reason: string, at: Date): Outgoing {
  return {
    topic,
    key: message.key,
    value: message.value,
    headers: {
      ...message.headers,
      'dead-letter-topic': message.topic,
      'dead-letter-partition': String(message.partition),
      'dead-letter-offset': message.offset,
      'dead-letter-reason': reason,
      'dead-letter-at': at.toISOString(),
    },
  };
}

/** Where the message of a dead letter stood; undefined for what is no dead letter. */
export function originOf(
  letter: Incoming,
): { readonly topic: string; readonly partition: number; readonly offset: string } | undefined {
  const [topic, partition, offset] = ['topic', 'partition', 'offset'].map((name) =>
    letter.header(`dead-letter-${name}`),
  );
  if (!topic || !/^\d{1,9}$/.test(partition ?? '') || !/^\d{1,19}$/.test(offset ?? '')) return undefined;
  return { topic, partition: Number(partition), offset: offset! };
}
