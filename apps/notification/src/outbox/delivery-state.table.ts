import { beginStatement, type Pool, type Queryable } from '#libs/platform';
import type { ClaimedDelivery, Delivery, DeliveryReason, MailLimits } from './delivery.js';
import { claimParameters, CLAIMS, HOLDS_CLAIM, isQueued, triedSince } from './outbox.table.js';
import { suppressionReason, type SuppressionReason } from './suppression.query.js';

/** Whether the row is marked as sending, or why not. */
export type MarkResult = 'marked' | 'claim lost' | SuppressionReason;

/** Equal for two e-mails between the same two members. */
export const pairKey = ({ aboutId, recipientId }: Pick<Delivery, 'aboutId' | 'recipientId'>): string =>
  `${aboutId} ${recipientId}`;

/**
 * Marks deliveries as sending, immediately before their text goes to the server. After a crash before this point the
 * delivery is sent later; after a crash behind it, its outcome is unknown. The statement checks the claim, so that only one
 * of two processes with the same delivery sends it, and once more every reason to suppress it.
 * @param deliveries must not hold two invitations between the same two members: one statement does not see its own writes
 * @returns one result for each delivery, in their order
 */
export async function markSending(
  pool: Pool,
  deliveries: readonly ClaimedDelivery[],
  claimMs: number,
  limits: MailLimits,
): Promise<readonly MarkResult[]> {
  const invitations = deliveries.filter(({ kind }) => kind === 'invitation');
  if (invitations.length === 0 || limits.invitationIntervalMs === 0) {
    return updateToSending(pool, deliveries, claimMs, limits);
  }
  return inPipelinedTransaction(pool, async (tx) => {
    // Two statements, so that the second sees what the previous holders of the locks have written. They are requested
    // together but run in order, and a failure of the first fails the second.
    const [, results] = await Promise.all([
      lockPairs(tx, invitations),
      updateToSending(tx, deliveries, claimMs, limits),
    ]);
    return results;
  });
}

/** Until the end of the transaction, no other process marks an invitation e-mail between the same two members. */
async function lockPairs(tx: Queryable, invitations: readonly ClaimedDelivery[]): Promise<void> {
  await tx.query(
    // Every process locks in the same order, or two could deadlock.
    `SELECT pg_advisory_xact_lock(key) FROM (
       SELECT DISTINCT hashtextextended('invitation mail ' || who, 0) AS key FROM unnest($1::text[]) AS given (who)
       ORDER BY key) locks`,
    [invitations.map(pairKey)],
  );
}

const UPDATE_TO_SENDING = `WITH checked AS MATERIALIZED (
    SELECT mine.*, ${suppressionReason('$6', '$7')} AS suppression
    FROM ${CLAIMS} JOIN notification.deliveries d ON ${HOLDS_CLAIM} AND ${isQueued('d')}),
  marked AS (
    UPDATE notification.deliveries d SET state = 'sending', due_at = now() + $5 * interval '1 millisecond'
    FROM checked mine WHERE ${HOLDS_CLAIM} AND ${isQueued('d')} AND suppression IS NULL
    RETURNING mine.ordinal)
  SELECT checked.ordinal::integer, suppression, marked.ordinal IS NOT NULL AS "isMarked"
  FROM checked LEFT JOIN marked USING (ordinal)`;

async function updateToSending(
  db: Queryable,
  deliveries: readonly ClaimedDelivery[],
  claimMs: number,
  { invitationIntervalMs, maxAgeMs }: MailLimits,
): Promise<readonly MarkResult[]> {
  const { rows } = await db.query<{
    ordinal: number;
    suppression: SuppressionReason | null;
    isMarked: boolean;
  }>({
    name: 'mark as sending',
    text: UPDATE_TO_SENDING,
    values: [...claimParameters(deliveries), claimMs, invitationIntervalMs, maxAgeMs],
  });
  const found = new Map(rows.map((row) => [row.ordinal, row]));
  return deliveries.map((_, index) => {
    const row = found.get(index + 1);
    if (row?.isMarked) return 'marked';
    return row?.suppression ?? 'claim lost';
  });
}

/**
 * Runs a transaction with one round trip: on a pool that pipelines, BEGIN, all statements and COMMIT are sent at once. It is
 * committed when this returns. After a failed statement PostgreSQL answers COMMIT with a rollback, and this throws.
 * @param work must request all of its statements before it awaits any
 */
async function inPipelinedTransaction<T>(pool: Pool, work: (tx: Queryable) => Promise<T>): Promise<T> {
  const tx = await pool.connect();
  let broken: Error | undefined;
  try {
    const [, result, { command }] = await Promise.all([
      tx.query(beginStatement(tx)),
      work(tx),
      tx.query('COMMIT'),
    ]);
    if (command !== 'COMMIT') throw new Error('transaction rolled back: one of its statements failed');
    return result;
  } catch (error) {
    // Other responses may still be on their way: the connection is not used again.
    broken = error instanceof Error ? error : new Error(String(error));
    throw error;
  } finally {
    tx.release(broken);
  }
}

/** The end of a delivery. */
export interface FinalOutcome {
  readonly state: 'sent' | 'suppressed' | 'failed' | 'unknown';
  readonly reason?: DeliveryReason;
  readonly smtpCode?: number;
}

export interface FinishedDelivery {
  readonly delivery: ClaimedDelivery;
  readonly outcome: FinalOutcome;
}

const RECORD_FINAL = `UPDATE notification.deliveries d
  SET state = result.state, reason = result.reason, smtp_code = result.code, settled_at = now(),
    content = CASE WHEN result.state = 'unknown' THEN d.content END
  FROM ${CLAIMS} JOIN unnest($5::text[], $6::text[], $7::integer[])
    WITH ORDINALITY AS result (state, reason, code, ordinal) USING (ordinal)
  WHERE ${HOLDS_CLAIM} AND d.state IN ('queued', 'sending', 'unknown') RETURNING ordinal::integer`;

/**
 * Records the final outcomes of deliveries. The content is deleted, unless the outcome is unknown and an operator may
 * resend it. A result that arrives after its claim expired still replaces `unknown`.
 * @returns for each delivery, in their order, whether it was recorded; false where another process has claimed it since
 */
export async function recordFinalOutcomes(
  db: Queryable,
  finished: readonly FinishedDelivery[],
): Promise<readonly boolean[]> {
  const { rows } = await db.query<{ ordinal: number }>({
    name: 'record final outcomes',
    text: RECORD_FINAL,
    values: [
      ...claimParameters(finished.map(({ delivery }) => delivery)),
      finished.map(({ outcome }) => outcome.state),
      finished.map(({ outcome }) => outcome.reason ?? null),
      finished.map(({ outcome }) => outcome.smtpCode ?? null),
    ],
  });
  const recorded = new Set(rows.map(({ ordinal }) => ordinal));
  return finished.map((_, index) => recorded.has(index + 1));
}

const SINCE = triedSince('deliveries');

/** Why a delivery could not be sent now, and when it is tried again. */
export interface Retry {
  readonly reason: DeliveryReason;
  readonly smtpCode?: number;
  /** Milliseconds until the next attempt. */
  readonly inMs: number;
  /** Milliseconds after which the delivery has failed; absent: only its age ends it (D21). */
  readonly giveUpMs?: number;
}

/**
 * Queues a delivery for another attempt, and releases its claim. The last attempt is at the end of `giveUpMs`, not after.
 * @returns the state that it is in now; undefined where another process has claimed it since
 */
export async function reschedule(
  db: Queryable,
  { eventId, recipientId, kind, claim }: ClaimedDelivery,
  { reason, smtpCode, inMs, giveUpMs }: Retry,
): Promise<string | undefined> {
  const { rows } = await db.query<{ state: string }>(
    `UPDATE notification.deliveries
     SET state = CASE WHEN ${SINCE} < oldest THEN 'failed' ELSE 'queued' END,
         settled_at = CASE WHEN ${SINCE} < oldest THEN now() END,
         content = CASE WHEN ${SINCE} < oldest THEN NULL ELSE content END,
         claim = NULL, reason = $5, smtp_code = $6, attempts = attempts + 1,
         due_at = LEAST(now() + $7 * interval '1 millisecond', ${SINCE} + (now() - oldest))
     FROM (SELECT now() - $8::float8 * interval '1 millisecond' AS oldest) limits
     WHERE event_id = $1 AND recipient_id = $2 AND kind = $3 AND claim = $4 AND state IN ('queued', 'sending')
     RETURNING state`,
    [eventId, recipientId, kind, claim, reason, smtpCode ?? null, inMs, giveUpMs ?? null],
  );
  return rows[0]?.state;
}
