import { isClosedAccount } from '#libs/account-state';
import type { MailKey } from '#libs/mail';
import type { Queryable } from '#libs/platform';
import { findOpenness, type Openness } from '#libs/read-models';
import { ADDRESS_BOUNCED } from '../members/bounced-addresses.table.js';
import { findMembers, HAS_NO_ADDRESS, type Member } from '../members/members.table.js';
import { OPTED_OUT } from '../preferences/preferences.table.js';
import type { ClaimedDelivery, MailLimits, Delivery } from './delivery.js';
import { claimParameters, CLAIMS, HOLDS_CLAIM, isQueued, isStale } from './outbox.table.js';

/*
 * Why a delivery is suppressed, as SQL conditions on its row `d`. Each condition looks for one row (`LIMIT 1`) through an
 * index: the planner turns an EXISTS into a hash of the whole table where it estimates that this pays.
 */

/** Why a delivery is not sent. An invitation that is `TOO_SOON` is sent later (D15); all other reasons are final. */
export type SuppressionReason =
  | 'STALE'
  | 'ACCOUNT_CLOSED'
  | 'PREFERENCE'
  | 'NO_ADDRESS'
  | 'ADDRESS_BOUNCED'
  | 'TOO_SOON'
  | 'NOT_OPEN'
  | 'SUPERSEDED'
  | 'EXPIRED'
  | 'ANSWERED';

/** Whether one of the two members has left (D23). It is read from the projection from which the command app decides. */
const CONCERNS_CLOSED_ACCOUNT = `(${isClosedAccount('d.recipient_id')} OR ${isClosedAccount('d.about_id')})`;

/**
 * Whether an invitation e-mail from the same inviter to the same recipient was sent, or may have been sent, within the
 * interval.
 */
const isTooSoon = (intervalMs: string): string => `(
    SELECT true FROM notification.deliveries other
    WHERE other.recipient_id = d.recipient_id AND other.about_id = d.about_id AND other.kind = 'invitation'
      AND other.event_id <> d.event_id
      AND (other.state = 'sending' OR (other.state IN ('sent', 'unknown')
        AND other.settled_at > now() - ${intervalMs}::float8 * interval '1 millisecond')) LIMIT 1) IS NOT NULL`;

/** Whether there is a later invitation of the same pair. Only that one may still be sent: it is the open one (D2). */
const HAS_FOLLOW_UP = `(
    SELECT true FROM notification.deliveries other
    WHERE other.recipient_id = d.recipient_id AND other.about_id = d.about_id AND other.kind = 'invitation'
      AND other.happened_at > d.happened_at LIMIT 1) IS NOT NULL`;

/** Whether the invitation of a reminder has not been mailed itself, because it is held back (D15). */
const INVITATION_IS_DEFERRED = `(
    SELECT true FROM notification.deliveries own
    WHERE own.invitation_id = d.invitation_id AND own.kind = 'invitation'
      AND ${isQueued('own')} AND own.deferred_until IS NOT NULL LIMIT 1) IS NOT NULL`;

/*
 * The next three are about reminders (D6), and one of them about deferred invitations. They know only what this app has
 * consumed: it never hears of a withdrawal, an ignore or a decline. For these, `valid_until` is the bound of a reminder.
 */

const IS_EXPIRED = 'clock_timestamp() > d.valid_until';

/** Whether the two members are connected, or the recipient has replied. */
const IS_ANSWERED = `((SELECT true FROM notification.connections
      WHERE member_id = d.recipient_id AND other_id = d.about_id LIMIT 1) IS NOT NULL
    OR (SELECT true FROM notification.deliveries other
      WHERE other.invitation_id = d.invitation_id AND other.kind = 'reply' LIMIT 1) IS NOT NULL)`;

/** Whether a follow-up has superseded the invitation. */
const IS_SUPERSEDED = `(
    SELECT true FROM notification.deliveries other
    WHERE other.recipient_id = d.recipient_id AND other.about_id = d.about_id AND other.kind = 'invitation'
      AND other.happened_at > COALESCE((SELECT max(own.happened_at) FROM notification.deliveries own
        WHERE own.invitation_id = d.invitation_id AND own.kind = 'invitation'), d.happened_at) LIMIT 1) IS NOT NULL`;

/**
 * The `SuppressionReason` of the delivery `d`, or null where it may be sent. The first condition that holds wins. It is
 * read when the delivery is claimed, and once more in the statement that marks it as sending.
 * @param intervalMs the SQL parameter that holds the least time between two invitation e-mails, in milliseconds
 * @param maxAgeMs the SQL parameter that holds the greatest age of an event, in milliseconds
 */
export const suppressionReason = (intervalMs: string, maxAgeMs: string): string => `CASE
  WHEN ${isStale(maxAgeMs)} THEN 'STALE'
  WHEN ${CONCERNS_CLOSED_ACCOUNT} THEN 'ACCOUNT_CLOSED'
  WHEN ${OPTED_OUT} THEN 'PREFERENCE'
  WHEN ${HAS_NO_ADDRESS} THEN 'NO_ADDRESS'
  WHEN ${ADDRESS_BOUNCED} THEN 'ADDRESS_BOUNCED'
  WHEN d.kind = 'invitation' AND (${intervalMs}::float8 > 0 OR d.deferred_until IS NOT NULL) THEN CASE
    WHEN ${HAS_FOLLOW_UP} THEN 'SUPERSEDED'
    WHEN d.deferred_until IS NOT NULL AND ${IS_ANSWERED} THEN 'ANSWERED'
    WHEN ${isTooSoon(intervalMs)} THEN 'TOO_SOON' END
  WHEN d.kind = 'reminder' THEN CASE
    WHEN ${IS_EXPIRED} THEN 'EXPIRED'
    WHEN ${IS_ANSWERED} THEN 'ANSWERED'
    WHEN ${IS_SUPERSEDED} THEN 'SUPERSEDED'
    WHEN ${INVITATION_IS_DEFERRED} THEN 'TOO_SOON' END
  END`;

/** What sending some deliveries depends on, as of one moment: the members, and the reasons not to send. */
export interface SendContext {
  /** When it was read, on the clock of `performance.now()`. */
  readonly readAtMs: number;
  /** By member id; a member without a profile is missing. */
  readonly members: ReadonlyMap<string, Member>;
  readonly suppressionOf: (delivery: ClaimedDelivery) => SuppressionReason | undefined;
  /** Whether the invitation of a deferred delivery is open; undefined while the lists do not show it. */
  readonly opennessOf: (delivery: ClaimedDelivery) => Openness | undefined;
  /** The e-mail that a reminder refers to; undefined where none was sent, and for other kinds. */
  readonly firstMailOf: (delivery: ClaimedDelivery) => MailKey | undefined;
}

const FIND_SUPPRESSED = `SELECT * FROM (
    SELECT mine.ordinal::integer, ${suppressionReason('$5', '$6')} AS suppression
    FROM ${CLAIMS} JOIN notification.deliveries d ON ${HOLDS_CLAIM}) checked
  WHERE suppression IS NOT NULL`;

export async function readSendContext(
  db: Queryable,
  deliveries: readonly ClaimedDelivery[],
  { invitationIntervalMs, maxAgeMs }: MailLimits,
): Promise<SendContext> {
  const readAtMs = performance.now();
  const { rows } = await db.query<{ ordinal: number; suppression: SuppressionReason }>({
    // Prepared once on each connection: planning costs more than running.
    name: 'find suppressed deliveries',
    text: FIND_SUPPRESSED,
    values: [...claimParameters(deliveries), invitationIntervalMs, maxAgeMs],
  });
  const suppressions = new Map(
    rows.map(({ ordinal, suppression }) => [deliveries[ordinal - 1], suppression]),
  );
  const deferred = deliveries.filter(({ deferredUntil }) => deferredUntil !== null);
  const openness = await findOpenness(
    db,
    deferred.map(({ invitationId }) => invitationId),
  );
  const firstMails = await findFirstMails(
    db,
    deliveries.filter(({ kind }) => kind === 'reminder'),
  );
  const ids = new Set(deliveries.flatMap(({ recipientId, aboutId }) => [recipientId, aboutId]));
  return {
    readAtMs,
    members: await findMembers(db, [...ids]),
    suppressionOf: (delivery) => suppressions.get(delivery),
    firstMailOf: ({ kind, invitationId }) => (kind === 'reminder' ? firstMails.get(invitationId) : undefined),
    opennessOf: ({ invitationId }) => openness.get(invitationId),
  };
}

/**
 * Finds, by invitation id, the first e-mail to its recipient that was really sent. It may be a reminder: the invitation's own e-mail may
 * have been turned off, or failed.
 * @param reminders only their invitations are looked up
 */
async function findFirstMails(
  db: Queryable,
  reminders: readonly Pick<Delivery, 'invitationId' | 'recipientId'>[],
): Promise<ReadonlyMap<string, MailKey>> {
  if (reminders.length === 0) return new Map();
  const { rows } = await db.query<MailKey>({
    name: 'find first mails',
    text: `SELECT asked.invitation_id AS "invitationId", asked.recipient_id AS "recipientId", first.event_id AS "eventId", first.kind
      FROM unnest($1::text[], $2::text[]) AS asked (invitation_id, recipient_id)
        CROSS JOIN LATERAL (SELECT event_id, kind FROM notification.deliveries d
          WHERE d.invitation_id = asked.invitation_id AND d.recipient_id = asked.recipient_id
            AND d.kind IN ('invitation', 'reminder') AND d.state = 'sent'
          ORDER BY d.settled_at, d.happened_at LIMIT 1) AS first`,
    values: [
      reminders.map(({ invitationId }) => invitationId),
      reminders.map(({ recipientId }) => recipientId),
    ],
  });
  return new Map(rows.map((mail) => [mail.invitationId, mail]));
}
