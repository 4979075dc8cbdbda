import type { MailKind } from '../emails/render-email.js';

/** What an e-mail answers to: the event, the member it goes to, and the kind. */
export interface MailKey {
  readonly eventId: string;
  readonly recipientId: string;
  readonly kind: MailKind;
}

/** The same for every attempt at one e-mail, so that a mailbox that got it twice can tell (RFC 5322, 3.6.4). */
export const messageIdOf = ({ eventId, recipientId, kind }: MailKey, domain: string): string =>
  `<${eventId}.${kind}.${recipientId}@${domain}>`;

/** RFC 3834: no vacation notice answers it. */
export const AUTOMATIC = { 'Auto-Submitted': 'auto-generated' } as const;
