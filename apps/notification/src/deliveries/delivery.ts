import type { EmailKind, MailKind } from '#libs/mail';

/** An e-mail that an event asks for. */
export interface Delivery {
  readonly eventId: string;
  readonly recipientId: string;
  readonly kind: MailKind;
  /** Whom it is about: the inviter of an invitation, whoever answered one. */
  readonly aboutId: string;
  readonly invitationId: string;
  /** When the event happened; ISO 8601. */
  readonly happenedAt: string;
  /** After this instant it is no longer sent; ISO 8601. Null or absent: it does not age. */
  readonly validUntil?: string | null;
  readonly content: DeliveryContent;
  /** Of the step that queued it, where traces are kept. */
  readonly traceparent?: string | null | undefined;
}

/** What an e-mail says beside names; each kind uses what it needs. */
export interface DeliveryContent {
  readonly message?: string;
}

/** A delivery that this process, and no other, may work on until the claim runs out. */
export interface Claimed extends Delivery {
  readonly claim: string;
  readonly attempts: number;
}

/** The preference that governs each kind (R8, R13). */
export const PREFERENCE_OF: Readonly<Record<MailKind, EmailKind>> = {
  invitation: 'invitations',
  reminder: 'reminders',
  acceptance: 'acceptances',
  reply: 'replies',
};

/** Why an e-mail is in the state it is in. */
export type Reason =
  | 'MEMBER_UNKNOWN'
  | 'PREFERENCE'
  | 'TOO_SOON'
  | 'SUPERSEDED'
  | 'ANSWERED'
  | 'EXPIRED'
  | 'REFUSED'
  | 'NO_MAILBOX'
  | 'ADDRESS_BOUNCED'
  | 'TRY_AGAIN_LATER'
  | 'UNREACHABLE'
  | 'CONNECTION_LOST'
  | 'CLAIM_RAN_OUT'
  | 'GIVEN_BACK'
  | 'RESEND'
  | 'NOT_PREPARED';
