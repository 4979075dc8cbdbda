import type { Queryable } from '#libs/platform';
import type { ClaimedDelivery } from './delivery.js';
import { claimParameters, CLAIMS, eventAgeMs, HOLDS_CLAIM, isQueued, triedSince } from './outbox.table.js';

/** Why an invitation e-mail is held back (D15). */
export type DeferralReason = 'TOO_SOON' | 'NOT_OPEN';

/**
 * Holds back an invitation e-mail until the interval since the last one between the same two members has passed, and releases its
 * claim. If another one is just being sent, or the lists do not show the invitation, that is looked at again after `recheckMs`.
 * The row is durable, so the e-mail is neither lost nor sent twice by a crash.
 * @returns the state that it is in now; undefined where another process has claimed it since
 */
export async function deferDelivery(
  db: Queryable,
  { eventId, recipientId, kind, claim }: ClaimedDelivery,
  reason: DeferralReason,
  { intervalMs, recheckMs }: { readonly intervalMs: number; readonly recheckMs: number },
): Promise<string | undefined> {
  const { rows } = await db.query<{ state: string }>(
    `UPDATE notification.deliveries d
     SET claim = NULL, reason = $5, smtp_code = NULL, (due_at, deferred_until) = (
       SELECT until, until FROM (
         SELECT GREATEST(CASE $5 WHEN 'NOT_OPEN' THEN recheck_at ELSE now() END,
           max(CASE other.state WHEN 'sending' THEN recheck_at
             ELSE other.settled_at + $6::float8 * interval '1 millisecond' END)) AS until
         FROM (SELECT now() + $7::float8 * interval '1 millisecond' AS recheck_at) recheck
           LEFT JOIN notification.deliveries other
           ON other.recipient_id = d.recipient_id AND other.about_id = d.about_id AND other.kind = 'invitation'
           AND other.event_id <> d.event_id AND other.state IN ('sending', 'sent', 'unknown')
         GROUP BY recheck_at) held)
     WHERE event_id = $1 AND recipient_id = $2 AND kind = $3 AND claim = $4 AND state = 'queued'
     RETURNING state`,
    [eventId, recipientId, kind, claim, reason, intervalMs, recheckMs],
  );
  return rows[0]?.state;
}

/*
 * A delivery waits while one of its two members has no profile: topics have no order between them. It is due when it
 * would be given up, so that no worker claims it meanwhile. The profile that it waits for makes it due earlier.
 */

const hasProfile = (column: string) =>
  `(SELECT true FROM notification.members WHERE id = ${column} LIMIT 1) IS NOT NULL`;

/** Whether the delivery `d` waits for a profile: the condition of the two indexes of waiting deliveries. */
const WAITS = `d.state = 'queued' AND d.reason = 'MEMBER_UNKNOWN'`;

/** Whether both members of the waiting delivery `d` have profiles by now, and it is not due yet. */
const CAN_PROCEED = `d.claim IS NULL AND d.due_at > now()
  AND ${hasProfile('d.recipient_id')} AND ${hasProfile('d.about_id')}`;

/** Skips rows that another transaction has locked: a worker is already working on these. */
const makeDue = (rows: string, condition: string) =>
  `UPDATE notification.deliveries SET due_at = now() WHERE ctid = ANY(ARRAY(
     SELECT d.ctid FROM ${rows} WHERE ${condition} AND ${CAN_PROCEED} FOR UPDATE OF d SKIP LOCKED))`;

/**
 * Makes the deliveries due that waited for one of these members and now have both. Must run after the profiles are
 * committed and before their offsets are: after a crash in between, the profiles are consumed again.
 */
export async function makeDueForMembers(db: Queryable, memberIds: readonly string[]): Promise<void> {
  for (const column of ['recipient_id', 'about_id']) {
    await db.query(makeDue('notification.deliveries d', `${WAITS} AND d.${column} = ANY($1)`), [memberIds]);
  }
}

/** Does the same for all members. A process runs this at its start, since the one before it may have died too early. */
export async function makeDueForAllMembers(db: Queryable): Promise<void> {
  await db.query(makeDue('notification.deliveries d', WAITS));
}

const SINCE = triedSince('d');

const RESCHEDULE = `UPDATE notification.deliveries d
  SET state = CASE WHEN is_over THEN 'suppressed' ELSE 'queued' END, settled_at = CASE WHEN is_over THEN now() END,
    content = CASE WHEN is_over THEN NULL ELSE content END, claim = NULL, reason = 'MEMBER_UNKNOWN', smtp_code = NULL,
    attempts = attempts + 1,
    due_at = LEAST(d.valid_until, since + left_ms * interval '1 millisecond') + interval '1 millisecond'
  FROM (
    SELECT mine.*, ${SINCE} AS since, ${SINCE} + $5 * interval '1 millisecond' <= now() AS is_over,
      LEAST($5::float8, $6::float8 - ${eventAgeMs(SINCE)}) AS left_ms
    FROM ${CLAIMS} JOIN notification.deliveries d ON ${HOLDS_CLAIM}) mine
  WHERE ${HOLDS_CLAIM} AND ${isQueued('d')} RETURNING ordinal::integer, d.state`;

/**
 * Reschedules deliveries until their members have profiles, and releases their claims. Suppresses those that have waited
 * for `giveUpMs`. The others are due when they are too old or no longer valid, whichever is earlier.
 * @returns the state of each delivery, in their order; undefined where another process has claimed it since
 */
export async function rescheduleForMembers(
  db: Queryable,
  deliveries: readonly ClaimedDelivery[],
  giveUpMs: number,
  maxAgeMs: number,
): Promise<readonly (string | undefined)[]> {
  const { rows } = await db.query<{ ordinal: number; state: string }>({
    name: 'reschedule for members',
    text: RESCHEDULE,
    values: [...claimParameters(deliveries), giveUpMs, maxAgeMs],
  });
  // A profile may have been committed since the delivery was checked. Whichever commits later, this statement or the one
  // in makeDueForMembers, sees the other's row.
  await db.query({
    name: 'make due those with new profiles',
    text: makeDue(
      `unnest($1::uuid[], $2::text[], $3::text[]) AS mine (event_id, recipient_id, kind)
         JOIN notification.deliveries d USING (event_id, recipient_id, kind)`,
      // Written like this, the planner uses the primary key; with WAITS it may scan all waiting deliveries.
      `${isQueued('d')} AND d.reason = 'MEMBER_UNKNOWN'`,
    ),
    values: claimParameters(deliveries).slice(0, 3),
  });
  const states = new Map(rows.map(({ ordinal, state }) => [ordinal, state]));
  return deliveries.map((_, index) => states.get(index + 1));
}
