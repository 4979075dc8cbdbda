import { hash } from 'node:crypto';

/** Namespace of event ids; any constant would do, and this one may never change. */
const EVENT_IDS = Buffer.from('5c1f2a523f0e5d0b9f5d1d8f3f1a6c57', 'hex');

/**
 * The id of a command's event, by the event's place among them: a UUID of version 5 (RFC 9562). In one call of the hash,
 * for there is one id an append.
 */
export function eventId(commandId: string, ordinal: number): string {
  const name = Buffer.from(`${commandId}:${ordinal}`);
  const digest = hash('sha1', Buffer.concat([EVENT_IDS, name]), 'buffer');
  digest[6] = (digest[6]! & 0x0f) | 0x50;
  digest[8] = (digest[8]! & 0x3f) | 0x80;
  const hex = digest.toString('hex', 0, 16);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
