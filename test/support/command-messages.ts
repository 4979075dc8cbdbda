import type { ConsumedMessage } from '#libs/kafka';
import { id, INVITATION, minute } from './story.js';

let offset = 0;

/** Creates a message of the commands topic. */
export function message(
  headers: Record<string, string>,
  value: string | Buffer | null,
  key = 'amal',
): ConsumedMessage {
  offset += 1;
  return {
    topic: 'invitations.commands',
    partition: 0,
    offset: String(offset),
    timestamp: Date.parse(minute(0)),
    key: Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
    headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])),
    header: (name) => headers[name],
  };
}

export function command(
  type: string,
  n: number,
  data: object,
  replyTo?: string,
  key = 'amal',
): ConsumedMessage {
  const headers = { ce_id: id(n), ce_type: `invitations.${type}.v1` };
  const value = JSON.stringify(data);
  return message(replyTo === undefined ? headers : { ...headers, 'reply-to': replyTo }, value, key);
}

export const sending = (
  n: number,
  replyTo?: string,
  inviterId = 'amal',
  recipientId = 'bilal',
): ConsumedMessage => command('send', n, { inviterId, recipientId }, replyTo, inviterId);

export const ignoring = (n: number, replyTo?: string): ConsumedMessage =>
  command('ignore', n, { invitationId: INVITATION, actorId: 'bilal' }, replyTo);
