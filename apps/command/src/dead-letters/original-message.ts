import {
  InvalidData,
  newestCommandType,
  parseJson,
  upcastCommand,
  type CommandUpcasters,
} from '#libs/contracts';
import type { Incoming, Outgoing } from '#libs/kafka';

/**
 * The message that a dead letter was, byte for byte. A command of an older version becomes one of today's on the way,
 * unless its value cannot be read: then it stays as it is, and is set aside again.
 */
export function originalMessage(letter: Incoming, topic: string, upcasters?: CommandUpcasters): Outgoing {
  const headers = Object.fromEntries(
    Object.entries(letter.headers).filter(([name]) => !name.startsWith('dead-letter-')),
  );
  const { key, value } = letter;
  const type = letter.header('ce_type') ?? '';
  if (newestCommandType(type, upcasters) === type) return { topic, key, value, headers };
  try {
    const today = upcastCommand(type, parseJson(value), upcasters);
    return { topic, key, value: JSON.stringify(today.data), headers: { ...headers, ce_type: today.type } };
  } catch (error) {
    if (!(error instanceof InvalidData)) throw error;
    return { topic, key, value, headers };
  }
}
