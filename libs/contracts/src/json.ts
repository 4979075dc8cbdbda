import { InvalidData } from './validation.js';

/** Largest message that is read, in bytes. */
export const MAX_MESSAGE_BYTES = 64 * 1024;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The JSON value in a message.
 * @throws InvalidData for a missing or oversized value, bytes that are no UTF-8, and text that is no JSON
 */
export function parseJson(bytes: Uint8Array | null): unknown {
  if (bytes === null) throw new InvalidData(['the message has no value']);
  if (bytes.length > MAX_MESSAGE_BYTES) {
    throw new InvalidData([`the message has ${bytes.length} bytes, more than ${MAX_MESSAGE_BYTES}`]);
  }
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    throw new InvalidData(['the message is no UTF-8']);
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new InvalidData(['the message is no JSON']);
  }
}
