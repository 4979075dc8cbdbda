import { randomUUID } from 'node:crypto';
import { cloudEventHeaders, CLOUD_EVENT_SOURCE, TOPICS, type EventType } from '#libs/contracts';
import type { ConsumedMessage } from '#libs/kafka';

let offset = 0;

/** A message as the consumer delivers it. Each has an offset of its own. */
export function message(
  topic: string,
  key: string | null,
  value: string | Buffer | null,
  headers: Record<string, string | Buffer> = {},
): ConsumedMessage {
  offset += 1;
  return {
    topic,
    partition: 0,
    offset: String(offset),
    timestamp: Date.now(),
    key: key === null ? null : Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
    headers,
    header: (name) => headers[name]?.toString(),
  };
}

/** A public event as the publisher publishes it. */
export function event(
  topic: string,
  type: EventType,
  key: string,
  data: object,
  id: string = randomUUID(),
): ConsumedMessage {
  const headers = cloudEventHeaders({
    id,
    type,
    source: CLOUD_EVENT_SOURCE,
    time: new Date().toISOString(),
  });
  return message(topic, key, JSON.stringify(data), headers);
}

/** Starts a day ago: events that are older than three days are never mailed (D21). */
let clock = Date.now() - 86_400_000;

/** Each event happens a second later than the one before. */
const nextInstant = (): string => new Date((clock += 1_000)).toISOString();

export const invitationId = (inviterId: string): string => `${inviterId}.${randomUUID()}`;

export function sent(inviterId: string, recipientId: string, change: object = {}): ConsumedMessage {
  return event(TOPICS.sent, 'invitations.sent.v1', recipientId, {
    invitationId: invitationId(inviterId),
    inviterId,
    recipientId,
    at: nextInstant(),
    ...change,
  });
}

export function accepted(inviterId: string, recipientId: string, change: object = {}): ConsumedMessage {
  return event(TOPICS.accepted, 'invitations.accepted.v1', inviterId, {
    invitationId: invitationId(inviterId),
    inviterId,
    recipientId,
    at: nextInstant(),
    via: 'site',
    ...change,
  });
}

export function replied(inviterId: string, recipientId: string, change: object = {}): ConsumedMessage {
  return event(TOPICS.replied, 'invitations.replied.v1', inviterId, {
    invitationId: invitationId(inviterId),
    inviterId,
    recipientId,
    at: nextInstant(),
    message: 'Which team are you in?',
    ...change,
  });
}

export function reminderDue(inviterId: string, recipientId: string, change: object = {}): ConsumedMessage {
  return event(TOPICS.reminderDue, 'invitations.reminder-due.v1', recipientId, {
    invitationId: invitationId(inviterId),
    inviterId,
    recipientId,
    at: nextInstant(),
    ordinal: 1,
    validUntil: '2999-12-31T23:59:59.999Z',
    ...change,
  });
}

/** A profile whose name is the capitalized id. */
export function profile(id: string, change: object = {}): ConsumedMessage {
  const name = id.charAt(0).toUpperCase() + id.slice(1);
  const value = {
    id,
    name,
    headline: `${name}'s headline`,
    profileUrl: `https://people.example/${id}`,
    email: `${id}@example.com`,
    locale: 'en',
    takesInvitations: true,
    ...change,
  };
  return message(TOPICS.profiles, id, JSON.stringify(value));
}

export const removed = (id: string): ConsumedMessage => message(TOPICS.profiles, id, null);
