import { randomUUID } from 'node:crypto';
import type { Message } from 'kafkajs';
import { cloudEventHeaders, TOPICS, type EventType } from '#libs/contracts';
import type { MailKind } from '#libs/mail';

/** Members whom and about whom the mails are. */
export const MEMBERS = 1_000;

const member = (n: number): string => `member-${n % MEMBERS}`;

/** As the profile service tells of them. */
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

/** More invitations and reminders than answers, as in life. */
const ASKED: readonly MailKind[] = ['invitation', 'reminder', 'invitation', 'reminder'];
const KINDS: readonly MailKind[] = [...ASKED, 'acceptance', ...ASKED, 'reply'];

/** An invitation's message, and a reply. */
export const MESSAGE =
  'We met at the conference in May; I would like to stay in touch. Which team are you in now?';

/** The nth mail of all, each about a pair of members of its own, so that none forbids another. */
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

/** The event that asks for it. */
export function eventOf({ kind, eventId, invitationId, inviterId, recipientId }: Mail): Message {
  const { type, more } = EVENTS[kind];
  const at = new Date().toISOString();
  return {
    key: kind === 'invitation' || kind === 'reminder' ? recipientId : inviterId,
    value: JSON.stringify({ invitationId, inviterId, recipientId, at, ...more }),
    headers: cloudEventHeaders({ id: eventId, type, source: '/bench', time: at }),
  };
}
