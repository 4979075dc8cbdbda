import { randomUUID } from 'node:crypto';
import type { Message } from 'kafkajs';
import { cloudEventHeaders, TOPICS, type EventType } from '#libs/contracts';
import type { MailKind } from '#libs/mail';

/** The members in the e-mails. */
export const MEMBERS = 1_000;

const member = (n: number): string => `member-${n % MEMBERS}`;

/** Profiles as the profile service publishes them. */
export const profiles = () =>
  Array.from({ length: MEMBERS }, (_, n) => ({
    id: member(n),
    name: `Member Number ${n}`,
    headline: 'Head of Engineering at Example Industries',
    profileUrl: `https://people.example/in/${member(n)}`,
    email: `${member(n)}@people.example`,
    locale: 'en',
    takesInvitations: true,
  }));

/** More invitations and reminders than answers, as in production. */
const ASKED: readonly MailKind[] = ['invitation', 'reminder', 'invitation', 'reminder'];
const KINDS: readonly MailKind[] = [...ASKED, 'acceptance', ...ASKED, 'reply'];

/** The texts of an invitation's message and of a reply. */
export const MESSAGE =
  'We met at the conference in May; I would like to stay in touch. Which team are you in now?';

/** Returns the nth e-mail. Each is about a different pair of members, so that none suppresses another. */
export interface Mail {
  readonly kind: MailKind;
  readonly eventId: string;
  readonly invitationId: string;
  readonly inviterId: string;
  readonly recipientId: string;
}

export function mailOf(n: number): Mail {
  const inviterId = member(n);
  return {
    kind: KINDS[n % KINDS.length]!,
    eventId: randomUUID(),
    invitationId: `${inviterId}.${randomUUID()}`,
    inviterId,
    recipientId: member(n + 1 + Math.floor(n / MEMBERS)),
  };
}

const EVENTS: Record<MailKind, { topic: string; type: EventType; more: object }> = {
  invitation: { topic: TOPICS.sent, type: 'invitations.sent.v1', more: { message: MESSAGE } },
  reminder: {
    topic: TOPICS.reminderDue,
    type: 'invitations.reminder-due.v1',
    more: { ordinal: 1, validUntil: '2999-12-31T00:00:00.000Z' },
  },
  acceptance: { topic: TOPICS.accepted, type: 'invitations.accepted.v1', more: { via: 'email' } },
  reply: { topic: TOPICS.replied, type: 'invitations.replied.v1', more: { message: MESSAGE } },
};

export const topicOf = ({ kind }: Mail): string => EVENTS[kind].topic;

/** Returns the event that causes the e-mail. */
export function eventOf({ kind, eventId, invitationId, inviterId, recipientId }: Mail): Message {
  const { type, more } = EVENTS[kind];
  const at = new Date().toISOString();
  return {
    key: kind === 'invitation' || kind === 'reminder' ? recipientId : inviterId,
    value: JSON.stringify({ invitationId, inviterId, recipientId, at, ...more }),
    headers: cloudEventHeaders({ id: eventId, type, source: '/bench', time: at }),
  };
}
