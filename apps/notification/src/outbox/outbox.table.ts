import { randomUUID } from 'node:crypto';
import { isAnyErased } from '#libs/author-keys/read-only';
import { toPostgresText, type Queryable } from '#libs/platform';
import type { ClaimedDelivery, Delivery } from './delivery.js';

/*
 * The table `notification.deliveries`: the outbox. A row is inserted in the transaction that consumes its event, is
 * claimed by one worker at a time, and is never deleted.
 */

// --- SQL fragments that every statement on the table shares; `d` is a row of it.

/** Claimed deliveries as rows `mine`, from the first four parameters of a statement (`claimParameters`). */
export const CLAIMS = `unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[])
  WITH ORDINALITY AS mine (event_id, recipient_id, kind, claim, ordinal)`;

/** Whether `d` is the row of the claim `mine`, and that claim still holds. */
export const HOLDS_CLAIM = `d.event_id = mine.event_id AND d.recipient_id = mine.recipient_id AND d.kind = mine.kind
  AND d.claim = mine.claim`;

export const claimParameters = (deliveries: readonly ClaimedDelivery[]) => [
  deliveries.map(({ eventId }) => eventId),
  deliveries.map(({ recipientId }) => recipientId),
  deliveries.map(({ kind }) => kind),
  deliveries.map(({ claim }) => claim),
];

/**
 * Whether a row is queued. The CASE hides from the planner that this is the condition of the index `deliveries_due`:
 * with statistics from before a flood it takes that index for almost empty, and scans the whole queue for one row.
 */
export const isQueued = (row: string): string => `CASE ${row}.state WHEN 'queued' THEN true ELSE false END`;

/**
 * The age of the event of `d` at a moment, in milliseconds. An event dated in the future is as old as its row.
 * @param moment an SQL expression of type `timestamptz`
 */
export const eventAgeMs = (moment: string): string =>
  `1000 * extract(epoch FROM ${moment} - LEAST(d.happened_at, d.created_at))::float8`;

/** Since when the delivery of a row may be tried: from its arrival, or from when it is no longer held back (D15). */
export const triedSince = (row: string): string => `COALESCE(${row}.deferred_until, ${row}.created_at)`;

/**
 * Whether the event of `d` is older than MAIL_MAX_AGE (D21). The database's clock decides: the clock of a process that
 * was paused may be behind.
 * @param maxAgeMs the SQL parameter that holds the greatest age, in milliseconds
 */
export const isStale = (maxAgeMs: string): string =>
  `${eventAgeMs('clock_timestamp()')} > ${maxAgeMs}::float8`;

// --- Statements

/**
 * Inserts the deliveries that the table does not have yet, and leaves existing rows as they are. A delivery whose event is
 * already too old (D21) is inserted as suppressed, so that a topic that is read again, or a history that is imported,
 * gives the worker nothing to do. An e-mail to or about a member who was erased has no row.
 */
export async function enqueueDeliveries(
  tx: Queryable,
  deliveries: readonly Delivery[],
  maxAgeMs: number,
): Promise<void> {
  if (deliveries.length === 0) return;
  await tx.query(
    `INSERT INTO notification.deliveries (event_id, recipient_id, kind, about_id, invitation_id, happened_at, valid_until,
       content, traceparent, state, reason, settled_at)
     SELECT event_id, recipient_id, kind, about_id, invitation_id, happened_at, valid_until,
       CASE WHEN is_stale THEN NULL ELSE content END, traceparent,
       CASE WHEN is_stale THEN 'suppressed' ELSE 'queued' END,
       CASE WHEN is_stale THEN 'STALE' END, CASE WHEN is_stale THEN now() END
     FROM (
       SELECT *, ${isStale('$10')} AS is_stale FROM (
         SELECT *, now() AS created_at FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[],
           $6::timestamptz[], $7::timestamptz[], $8::jsonb[], $9::text[])
           AS given (event_id, recipient_id, kind, about_id, invitation_id, happened_at, valid_until, content,
             traceparent)) d) judged
     WHERE NOT ${isAnyErased('recipient_id', 'about_id')}
     ON CONFLICT DO NOTHING`,
    [
      deliveries.map(({ eventId }) => eventId),
      deliveries.map(({ recipientId }) => recipientId),
      deliveries.map(({ kind }) => kind),
      deliveries.map(({ aboutId }) => aboutId),
      deliveries.map(({ invitationId }) => invitationId),
      deliveries.map(({ happenedAt }) => happenedAt),
      deliveries.map(({ validUntil }) => validUntil ?? null),
      deliveries.map(({ content: { message } }) =>
        JSON.stringify(message === undefined ? {} : { message: toPostgresText(message) }),
      ),
      deliveries.map(({ traceparent }) => traceparent ?? null),
      maxAgeMs,
    ],
  );
}

/** Updates by `ctid`, since the rows are locked by then: the planner could turn a join into a scan of the whole table. */
const claimStatement = (
  order: string,
) => `UPDATE notification.deliveries SET claim = $2, due_at = now() + $3 * interval '1 millisecond'
  WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM notification.deliveries
    WHERE state = 'queued' AND due_at <= now() ORDER BY ${order} LIMIT $1 FOR UPDATE SKIP LOCKED))
  RETURNING event_id AS "eventId", recipient_id AS "recipientId", kind, about_id AS "aboutId",
    invitation_id AS "invitationId", happened_at AS "happenedAt", valid_until AS "validUntil", content, claim, attempts,
    reason, traceparent, deferred_until AS "deferredUntil"`;

const CLAIM_OLDEST = claimStatement('due_at');
const CLAIM_AT_RANDOM = claimStatement('random()');

/**
 * Claims up to `limit` deliveries that are due, oldest first, for `claimMs`. Other processes skip them until then, so a
 * process that dies before it marks a delivery as sending only delays it by that time.
 * @param atRandom claims any due deliveries instead of the oldest: the oldest may all be ones that fail
 */
export async function claimDueDeliveries(
  db: Queryable,
  limit: number,
  claimMs: number,
  atRandom = false,
): Promise<readonly ClaimedDelivery[]> {
  const { rows } = await db.query<ClaimedDelivery>(atRandom ? CLAIM_AT_RANDOM : CLAIM_OLDEST, [
    limit,
    randomUUID(),
    claimMs,
  ]);
  // RETURNING has no order. An invitation must go before its reminder.
  return rows.toSorted((a, b) => Date.parse(a.happenedAt) - Date.parse(b.happenedAt));
}

/**
 * Extends claims by another `claimMs`. A claim that was already lost stays lost. A row that another transaction is
 * writing is skipped until the next renewal: to wait for several rows in an order of our own could deadlock.
 */
export async function renewClaims(
  db: Queryable,
  deliveries: readonly ClaimedDelivery[],
  claimMs: number,
): Promise<void> {
  if (deliveries.length === 0) return;
  await db.query(
    `UPDATE notification.deliveries SET due_at = now() + $5 * interval '1 millisecond'
     WHERE ctid = ANY(ARRAY(
       SELECT d.ctid FROM ${CLAIMS} JOIN notification.deliveries d ON ${HOLDS_CLAIM}
       WHERE d.state IN ('queued', 'sending') FOR UPDATE OF d SKIP LOCKED))`,
    [...claimParameters(deliveries), claimMs],
  );
}

/**
 * Ends the transfers whose claim expired without a result: their process died while it was sending. Nobody can find out
 * whether the server took the e-mail (RFC 1047). `keep` records it as `unknown`; `resend` queues it again under the same
 * Message-ID. A row whose result is being written at this moment is skipped.
 * @returns how many transfers had expired
 */
export async function expireTransfers(db: Queryable, unclear: 'keep' | 'resend'): Promise<number> {
  const { rowCount } = await db.query(
    `UPDATE notification.deliveries SET reason = 'CLAIM_RAN_OUT', ${
      unclear === 'keep' ? `state = 'unknown', settled_at = now()` : `state = 'queued', claim = NULL`
    } WHERE ctid = ANY(ARRAY(
       SELECT ctid FROM notification.deliveries
       WHERE state = 'sending' AND due_at <= now() FOR UPDATE SKIP LOCKED))`,
  );
  return rowCount ?? 0;
}

/** For this long an operator can resend an e-mail whose outcome is unknown. */
const KEEP_CONTENT_DAYS = 30;

/** Deletes the content of e-mails of unknown outcome that nobody has resent in time. Their rows stay. */
export async function deleteOldContent(db: Queryable): Promise<void> {
  await db.query(
    `UPDATE notification.deliveries SET content = NULL
     WHERE state = 'unknown' AND settled_at < now() - $1 * interval '1 day' AND content IS NOT NULL`,
    [KEEP_CONTENT_DAYS],
  );
}
