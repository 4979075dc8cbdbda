import { bytesOf } from './bytes-of.js';
import type { Incoming } from './incoming.js';
import type { Outgoing } from './outgoing.js';

/**
 * A broker's own limit for a batch, which a dead-letter topic exceeds by the headers that a letter has more. Compressed,
 * a message can be larger.
 */
const MOST_BYTES = 1024 * 1024;

/**
 * A message that cannot be worked on, as it goes to a dead-letter topic: key, value and headers byte for byte, and
 * beside them where it stood, why it is there and since when. Of one that is too large there is nothing but that: a
 * broker would refuse the letter, and the message would hold up all behind it.
 * @param reason names fields, never values
 */
export function deadLetter(message: Incoming, topic: string, reason: string, at: Date): Outgoing {
  const bytes = bytesOf(message);
  const isKept = bytes <= MOST_BYTES;
  return {
    topic,
    key: isKept ? message.key : null,
    value: isKept ? message.value : null,
    headers: {
      ...(isKept ? message.headers : {}),
      'dead-letter-topic': message.topic,
      'dead-letter-partition': String(message.partition),
      'dead-letter-offset': message.offset,
      'dead-letter-reason': isKept ? reason : `${reason}; not kept: with headers it has ${bytes} bytes`,
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
