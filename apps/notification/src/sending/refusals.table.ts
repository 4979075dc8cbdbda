import { inTransaction, type Pool, type Queryable } from '#libs/platform';
import { addressHash, recordUnclearRefusal, suppressAddress } from '../members/bounced-addresses.table.js';
import type { ClaimedDelivery } from '../outbox/delivery.js';
import { recordFinalOutcomes, type FinalOutcome } from '../outbox/delivery-state.table.js';

/*
 * The table `notification.recent_refusals`: e-mails that the server has refused. The stages of a row:
 * `counted`: refused since the server last took an e-mail; part of the current streak.
 * `returned`: queued again because the streak was too long, or refused while the circuit was open.
 * `isolated`: was `returned`, and the server has taken another e-mail since: the next refusal is about the address.
 */

/** A 5xx of the server to one e-mail. */
export interface Refusal {
  readonly delivery: ClaimedDelivery;
  readonly address: string;
  readonly code: number;
  /** What the reply says about the mailbox. `not meant`: the refusal is about something else. */
  readonly mailbox: 'missing' | 'may be missing' | 'not meant';
}

/** A server that refuses this many different addresses in a row is itself in trouble, whatever its replies say. */
export const MAX_CONSECUTIVE_REFUSALS = 10;

/**
 * Records a refused delivery as failed, and what follows for its address. At the last refusal of a streak that is too long,
 * queues all deliveries of the streak again and reverts what followed for their addresses.
 * @returns `too many` at the end of such a streak: then this delivery is still claimed
 */
export async function recordRefusal(
  pool: Pool,
  refusal: Refusal,
): Promise<'recorded' | 'claim lost' | 'too many'> {
  const { delivery, mailbox, code } = refusal;
  return inTransaction(pool, async (tx) => {
    // Serializes the count, or two processes could both see one less than the limit.
    await lockRefusals(tx);
    if (
      !(await isIsolated(tx, refusal.address)) &&
      (await countRefusal(tx, refusal)) >= MAX_CONSECUTIVE_REFUSALS
    ) {
      await revertStreak(tx);
      return 'too many';
    }
    await saveEffect(tx, refusal, await applyEffect(tx, refusal));
    const reason = mailbox === 'missing' ? 'NO_MAILBOX' : 'REFUSED';
    const outcome: FinalOutcome = { state: 'failed', reason, smtpCode: code };
    const [isRecorded] = await recordFinalOutcomes(tx, [{ delivery, outcome }]);
    return isRecorded ? 'recorded' : 'claim lost';
  });
}

/** Records a refusal while the circuit is open. It is not counted. If the server then takes others, the next one counts alone. */
export async function recordRefusalWhileOpen(db: Queryable, refusal: Refusal): Promise<void> {
  await insertRefusal(db, refusal, 'returned');
}

/** The server has taken an e-mail: the streak ends, and what followed from its refusals stands. */
export async function endStreak(db: Queryable): Promise<void> {
  await db.query(
    `WITH confirmed AS (DELETE FROM notification.recent_refusals WHERE stage = 'counted')
     UPDATE notification.recent_refusals SET stage = 'isolated' WHERE stage = 'returned'`,
  );
}

/**
 * Records a delivery to a bounced address as suppressed. If the address bounced within the current streak, the delivery
 * joins the streak, so that it is queued again should the streak be reverted.
 * @returns false where another process has claimed the delivery since
 */
export async function recordBounced(pool: Pool, delivery: ClaimedDelivery): Promise<boolean> {
  return inTransaction(pool, async (tx) => {
    await lockRefusals(tx);
    await tx.query(
      `INSERT INTO notification.recent_refusals (event_id, recipient_id, kind, address_hash, stage, content)
       SELECT d.event_id, d.recipient_id, d.kind, r.address_hash, 'counted', d.content
       FROM notification.deliveries d JOIN notification.members m ON m.id = d.recipient_id
         JOIN notification.recent_refusals r ON r.address_hash = ${addressHash('m.email')}
           AND r.stage = 'counted' AND r.effect = 'suppressed'
       WHERE d.event_id = $1 AND d.recipient_id = $2 AND d.kind = $3 LIMIT 1 ON CONFLICT DO NOTHING`,
      [delivery.eventId, delivery.recipientId, delivery.kind],
    );
    const outcome: FinalOutcome = { state: 'suppressed', reason: 'ADDRESS_BOUNCED' };
    return (await recordFinalOutcomes(tx, [{ delivery, outcome }]))[0]!;
  });
}

/** Deletes refusals that nothing has confirmed or reverted in time. What followed from them stands. */
export async function deleteOldRefusals(db: Queryable): Promise<void> {
  await db.query(
    `DELETE FROM notification.recent_refusals
     WHERE at < now() - CASE stage WHEN 'counted' THEN interval '1 day' ELSE interval '7 days' END`,
  );
}

/** Makes the deliveries due that wait for the circuit to close. */
export async function makeReturnedDue(db: Queryable): Promise<void> {
  await db.query(
    `UPDATE notification.deliveries SET due_at = now() WHERE ctid = ANY(ARRAY(
       SELECT ctid FROM notification.deliveries
       WHERE state = 'queued' AND reason = 'CIRCUIT_OPEN' AND claim IS NULL AND due_at > now()
       FOR UPDATE SKIP LOCKED))`,
  );
}

const lockRefusals = (tx: Queryable) =>
  tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('mail refusals', 0))`);

async function isIsolated(tx: Queryable, address: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `SELECT FROM notification.recent_refusals WHERE stage = 'isolated' AND address_hash = ${addressHash('$1')} LIMIT 1`,
    [address],
  );
  return rowCount === 1;
}

/** @returns how many addresses were refused since the server last took an e-mail, this one included */
async function countRefusal(tx: Queryable, refusal: Refusal): Promise<number> {
  await insertRefusal(tx, refusal, 'counted');
  const { rows } = await tx.query<{ count: number }>(
    `SELECT count(DISTINCT address_hash)::integer FROM notification.recent_refusals WHERE stage = 'counted'`,
  );
  return rows[0]!.count;
}

async function insertRefusal(
  db: Queryable,
  { delivery, address }: Refusal,
  stage: 'counted' | 'returned',
): Promise<void> {
  const { eventId, recipientId, kind, content } = delivery;
  await db.query(
    `INSERT INTO notification.recent_refusals (event_id, recipient_id, kind, address_hash, stage, content)
     VALUES ($1, $2, $3, ${addressHash('$4')}, $5, $6)
     ON CONFLICT (event_id, recipient_id, kind) DO UPDATE SET address_hash = excluded.address_hash,
       stage = excluded.stage, content = excluded.content, at = excluded.at,
       effect = CASE WHEN recent_refusals.stage = excluded.stage THEN recent_refusals.effect END`,
    [eventId, recipientId, kind, address, stage, stage === 'counted' ? JSON.stringify(content) : null],
  );
}

/** What a refusal changed for its address, to be reverted with its streak. */
type Effect = 'suppressed' | 'noted' | undefined;

async function applyEffect(tx: Queryable, { delivery, address, code, mailbox }: Refusal): Promise<Effect> {
  if (mailbox === 'not meant') return undefined;
  if (mailbox === 'may be missing') {
    const recorded = await recordUnclearRefusal(tx, address, delivery.recipientId);
    if (recorded !== 'confirmed') return recorded === 'first' ? 'noted' : undefined;
  }
  return (await suppressAddress(tx, address, code)) ? 'suppressed' : undefined;
}

async function saveEffect(tx: Queryable, { delivery }: Refusal, effect: Effect): Promise<void> {
  if (effect === undefined) return;
  const { eventId, recipientId, kind } = delivery;
  await tx.query(
    `UPDATE notification.recent_refusals SET effect = $4
     WHERE event_id = $1 AND recipient_id = $2 AND kind = $3 AND stage = 'counted'`,
    [eventId, recipientId, kind, effect],
  );
}

/** An address that an operator has suppressed since (`smtp_code` is null) stays suppressed. */
async function revertStreak(tx: Queryable): Promise<void> {
  await tx.query(
    `UPDATE notification.deliveries d SET state = 'queued', reason = 'CIRCUIT_OPEN', content = r.content, claim = NULL,
       settled_at = NULL, due_at = now()
     FROM notification.recent_refusals r
     WHERE r.stage = 'counted' AND d.event_id = r.event_id AND d.recipient_id = r.recipient_id AND d.kind = r.kind
       AND (d.state = 'failed' OR (d.state = 'suppressed' AND d.reason = 'ADDRESS_BOUNCED'))`,
  );
  await tx.query(
    `DELETE FROM notification.bounced_addresses b USING notification.recent_refusals r
     WHERE r.stage = 'counted' AND r.effect = 'suppressed' AND b.address_hash = r.address_hash
       AND b.smtp_code IS NOT NULL`,
  );
  await tx.query(
    `DELETE FROM notification.unclear_refusals u USING notification.recent_refusals r
     WHERE r.stage = 'counted' AND r.effect = 'noted' AND u.address_hash = r.address_hash`,
  );
  await tx.query(
    `UPDATE notification.recent_refusals SET stage = 'returned', content = NULL, effect = NULL WHERE stage = 'counted'`,
  );
}
