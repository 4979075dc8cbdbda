import type { Outgoing } from './outgoing.js';

/** What the protocol adds to a message, about. */
const FRAME_BYTES = 100;

/** What a message takes in a batch that is not compressed, about. */
export function bytesOf({ key, value, headers = {} }: Pick<Outgoing, 'key' | 'value' | 'headers'>): number {
  let bytes = FRAME_BYTES;
  for (const part of [key, value]) if (part !== null) bytes += Buffer.byteLength(part);
  for (const name in headers) {
    for (const part of [headers[name] ?? ''].flat()) bytes += name.length + Buffer.byteLength(part);
  }
  return bytes;
}
