import type { MailKind } from '#libs/mail';

/** An e-mail that an event asks for: one row of the outbox. */
export interface Delivery {
  readonly eventId: string;
  readonly recipientId: string;
  readonly kind: MailKind;
  /** The member whom the e-mail is about: the inviter of an invitation, or the member who answered one. */
  readonly aboutId: string;
  readonly invitationId: string;
  /** When the event happened; ISO 8601. */
  readonly happenedAt: string;
  /** The e-mail is not sent after this instant; ISO 8601. Null or absent: it does not expire. */
  readonly validUntil?: string | null;
  readonly content: DeliveryContent;
  /** W3C Trace Context of the span that enqueued the delivery; only present while traces are collected. */
  readonly traceparent?: string | null | undefined;
}

/** What an e-mail says besides names. Each kind uses the fields that it needs. */
export interface DeliveryContent {
  readonly message?: string;
}

/** A delivery that only this process may work on, until the claim expires. */
export interface ClaimedDelivery extends Delivery {
  /** UUID that the row must still hold when this process writes to it. */
  readonly claim: string;
  /** Attempts before this one. */
  readonly attempts: number;
  /** Why the last attempt, if there was one, left it queued. */
  readonly reason: DeliveryReason | null;
  /** Until when it was held back, because another invitation was mailed shortly before (D15); ISO 8601. Null: never. */
  readonly deferredUntil: string | null;
}

/** Limits that the configuration sets on sending, in milliseconds. */
export interface MailLimits {
  /** Least time between two invitation e-mails from one inviter to one recipient. */
  readonly invitationIntervalMs: number;
  /** An event that is older is never mailed (D21). */
  readonly maxAgeMs: number;
}

/** Why a delivery is in its state: the column `reason`. */
export type DeliveryReason =
  | 'MEMBER_UNKNOWN'
  | 'PREFERENCE'
  | 'NO_ADDRESS'
  | 'TOO_SOON'
  | 'NOT_OPEN'
  | 'SUPERSEDED'
  | 'ANSWERED'
  | 'EXPIRED'
  | 'STALE'
  | 'ACCOUNT_CLOSED'
  | 'REFUSED'
  | 'NO_SMTPUTF8'
  | 'NO_MAILBOX'
  | 'ADDRESS_BOUNCED'
  | 'TRY_AGAIN_LATER'
  | 'UNREACHABLE'
  | 'CIRCUIT_OPEN'
  | 'CONNECTION_LOST'
  | 'CLAIM_RAN_OUT'
  | 'GIVEN_BACK'
  | 'RESEND'
  | 'NOT_PREPARED';
