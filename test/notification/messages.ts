import { randomUUID } from 'node:crypto';
import { cloudEventHeaders, SOURCE, TOPICS, type EventType } from '../../libs/contracts/src/index.js';
import type { Incoming } from '../../libs/kafka/src/index.js';

let offset = 0;

/** A message as the consumer gives it. */
export function message(
  topic: string,
  key: string | null,
  value: string | Buffer | null,
  headers: Record<string, string | Buffer> = {},
): Incoming {
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

/** A public event as the publisher writes it. */
export function event(
  topic: string,
  type: EventType,
  key: string,
  data: object,
  id: string = randomUUID(),
): Incoming {
  const headers = cloudEventHeaders({
    id,
    type,
    source: SOURCE,
    time: new Date().toISOString(),
  });
  return message(topic, key, JSON.stringify(data), headers);
}

let clock = Date.parse('2026-01-01T00:00:00Z');

/** Each event is a second later than the one before. */
const nextInstant = (): string => new Date((clock += 1_000)).toISOString();

export const invitationId = (inviterId: string): string => `${inviterId}.${randomUUID()}`;

export function sent(inviterId: string, recipientId: string, change: object = {}): Incoming {
  return event(TOPICS.sent, 'invitations.sent.v1', recipientId, {
    invitationId: invitationId(inviterId),
    inviterId,
    recipientId,
    at: nextInstant(),
    ...change,
  });
}

export function accepted(inviterId: string, recipientId: string, change: object = {}): Incoming {
  return event(TOPICS.accepted, 'invitations.accepted.v1', inviterId, {
    invitationId: invitationId(inviterId),
    inviterId,
    recipientId,
    at: nextInstant(),
    via: 'site',
    ...change,
  });
}

export function replied(inviterId: string, recipientId: string, change: object = {}): Incoming {
  return event(TOPICS.replied, 'invitations.replied.v1', inviterId, {
    invitationId: invitationId(inviterId),
    inviterId,
    recipientId,
    at: nextInstant(),
    message: 'Which team are you in?',
    ...change,
  });
}

export function reminderDue(inviterId: string, recipientId: string, change: object = {}): Incoming {
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

/** A member named by their id, with a capital. */
export function profile(id: string, change: object = {}): Incoming {
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

export const removed = (id: string): Incoming => message(TOPICS.profiles, id, null);
