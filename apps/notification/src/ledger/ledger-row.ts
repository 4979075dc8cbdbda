import type { MailKind } from '#libs/mail';
import type { Queryable } from '#libs/platform';
import type { DeliveryReason } from '../outbox/delivery.js';
import { PREFERENCE_OF } from '../preferences/preferences.table.js';

/** A delivery as operators see it: members by their ids, no address and no content. */
export interface LedgerRow {
  readonly eventId: string;
  readonly kind: MailKind;
  readonly recipientId: string;
  readonly aboutId: string;
  readonly happenedAt: string;
  readonly state: 'queued' | 'sending' | 'sent' | 'suppressed' | 'failed' | 'unknown';
  readonly reason: DeliveryReason | null;
  readonly smtpCode: number | null;
  /** Attempts that did not succeed. */
  readonly attempts: number;
  /** When the event arrived. */
  readonly queuedAt: string;
  /** When a queued delivery is tried next. */
  readonly dueAt: string;
  readonly settledAt: string | null;
}

export async function findByInvitation(db: Queryable, invitationId: string): Promise<LedgerRow[]> {
  const { rows } = await db.query<LedgerRow>(
    `SELECT event_id AS "eventId", kind, recipient_id AS "recipientId", about_id AS "aboutId",
       happened_at AS "happenedAt", state, reason, smtp_code AS "smtpCode", attempts, created_at AS "queuedAt",
       due_at AS "dueAt", settled_at AS "settledAt"
     FROM notification.deliveries WHERE invitation_id = $1 ORDER BY happened_at, kind`,
    [invitationId],
  );
  return rows;
}

/** An explanation in words, and the rule or decision behind it where there is one. */
export interface Explanation {
  readonly rule?: string;
  readonly words: string;
}

/** Explains the reason of a delivery. */
export function explainReason(reason: DeliveryReason, kind: MailKind): Explanation {
  if (reason === 'PREFERENCE') {
    return { rule: PREFERENCE_RULE[kind], words: `the member wants no e-mails about ${PREFERENCE_OF[kind]}` };
  }
  if (reason === 'SUPERSEDED') {
    return { rule: kind === 'reminder' ? 'D6' : 'D2', words: 'a follow-up has superseded the invitation' };
  }
  if (reason === 'TOO_SOON' && kind === 'reminder') {
    return { rule: 'D15', words: 'the e-mail of the invitation itself was still held back' };
  }
  return EXPLANATIONS[reason];
}

/** R8 is about what a recipient gets, R13 about what an inviter hears of acceptances. */
const PREFERENCE_RULE: Readonly<Record<MailKind, string>> = {
  invitation: 'R8',
  reminder: 'R8',
  acceptance: 'R13',
  reply: 'D13',
};

const EXPLANATIONS: Readonly<Record<Exclude<DeliveryReason, 'PREFERENCE' | 'SUPERSEDED'>, Explanation>> = {
  MEMBER_UNKNOWN: { rule: 'D13', words: 'one of the two members has no profile' },
  TOO_SOON: {
    rule: 'D15',
    words:
      'within INVITATION_MAIL_INTERVAL of another e-mail from the same inviter: it is sent when the interval has passed',
  },
  NOT_OPEN: {
    rule: 'D15',
    words: 'the invitation was not shown as open any more when its e-mail could have been sent',
  },
  ANSWERED: { rule: 'D6', words: 'the invitation had been answered' },
  STALE: { rule: 'D21', words: 'the event was older than MAIL_MAX_AGE: its e-mail is never sent' },
  ACCOUNT_CLOSED: { rule: 'D23', words: 'the account of one of the two members is closed' },
  EXPIRED: { rule: 'D6', words: 'the reminder could not be sent while it was valid' },
  NO_ADDRESS: { rule: 'D13', words: "the member's profile has no usable address" },
  ADDRESS_BOUNCED: { words: 'the address has bounced, or an operator has suppressed it' },
  NO_MAILBOX: { words: 'the server says that the mailbox does not exist: the address is suppressed' },
  NO_SMTPUTF8: {
    words:
      'the address needs SMTPUTF8, which the server does not offer: nothing was sent, and the address is not suppressed',
  },
  REFUSED: { words: 'the server refuses the e-mail for good' },
  TRY_AGAIN_LATER: {
    words:
      'the server refuses the e-mail for now, or fails with it and takes others: it is tried again for a day or more',
  },
  CIRCUIT_OPEN: { words: 'the server refuses every address: the e-mail waits until others are taken' },
  UNREACHABLE: { words: 'no server could be reached' },
  CONNECTION_LOST: {
    words:
      'the connection was lost after the transfer had begun: nobody can tell whether the e-mail was taken',
  },
  CLAIM_RAN_OUT: { words: 'the process that was sending the e-mail has died' },
  GIVEN_BACK: { words: 'the process that had claimed the e-mail has stopped' },
  RESEND: { words: 'an operator has asked to send the e-mail again' },
  NOT_PREPARED: { words: 'the e-mail could not be rendered: the log of the notification app says why' },
};
