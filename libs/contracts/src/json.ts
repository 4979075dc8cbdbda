import { countMembers, MemberCount } from './json-members.js';
import { InvalidData } from './validation.js';

/** Largest message that is read, in bytes. */
export const MAX_MESSAGE_BYTES = 64 * 1024;

/** Drops a byte order mark: RFC 8259 lets a reader do so, and some writers put one. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The JSON value in a message, of which there is only one reading: a name that stands twice in an object, which parsers
 * resolve differently, is refused, and so are names that reach a prototype, and halves of characters.
 * @throws InvalidData for a missing or oversized value, bytes that are no UTF-8, text that is no JSON, and such JSON
 */
export function parseJson(bytes: Uint8Array | null): unknown {
  if (bytes === null) throw new InvalidData(['the message has no value']);
  if (bytes.length === 0) throw new InvalidData(['the message is empty']);
  if (bytes.length > MAX_MESSAGE_BYTES) {
    throw new InvalidData([`the message has ${bytes.length} bytes, more than ${MAX_MESSAGE_BYTES}`]);
  }
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    throw new InvalidData(['the message is no UTF-8']);
  }
  const written = countMembers(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new InvalidData(['the message is no JSON']);
  }
  // Well-formed bytes can spell half a character by an escape only.
  const kept = new MemberCount(text.includes('\\u')).of(value);
  if (kept !== written) throw new InvalidData(['the message names a property twice']);
  return value;
}
