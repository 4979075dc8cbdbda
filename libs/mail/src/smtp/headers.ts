import type { MailKind } from '../emails/render-email.js';

/** What an e-mail answers to: the event, the member it goes to, the kind, and the invitation that it is about. */
export interface MailKey {
  readonly eventId: string;
  readonly recipientId: string;
  readonly kind: MailKind;
  readonly invitationId: string;
}

/**
 * The same for every attempt at one e-mail, so that a mailbox that got it twice can tell (RFC 5322, 3.6.4). That of an
 * invitation is made of the invitation's id, by which a reminder finds it.
 */
export const messageIdOf = (mail: MailKey, domain: string): string =>
  mail.kind === 'invitation'
    ? invitationMessageId(mail, domain)
    : `<${mail.eventId}.${mail.kind}.${mail.recipientId}@${domain}>`;

/** The e-mail below which this one belongs: reminders come below their invitation. */
export const threadOf = (mail: MailKey, domain: string): string | undefined =>
  mail.kind === 'reminder' ? invitationMessageId(mail, domain) : undefined;

const invitationMessageId = ({ invitationId }: MailKey, domain: string): string =>
  `<${invitationId}.invitation@${domain}>`;
