import type { Pool } from '#libs/platform';

/**
 * Queues a delivery of unknown outcome once more, under its Message-ID: an operator has decided that a second one is
 * better than none. What forbids it otherwise forbids it still.
 * @throws when it is not of unknown outcome
 */
export async function resend(
  pool: Pool,
  eventId: string,
  kind: string,
  print: (text: string) => void,
): Promise<void> {
  const { rows } = await pool.query<{ recipientId: string }>(
    // It is tried for a day from now on, not from when it came first.
    `UPDATE notification.deliveries SET state = 'queued', reason = 'RESEND', claim = NULL, settled_at = NULL,
       due_at = now(), created_at = now()
     WHERE event_id = $1 AND kind = $2 AND state = 'unknown' AND content IS NOT NULL
     RETURNING recipient_id AS "recipientId"`,
    [eventId, kind],
  );
  if (rows.length > 0) {
    return print(`the ${kind} e-mail of ${eventId} to ${rows[0]!.recipientId} is queued again`);
  }
  const { rows: found } = await pool.query<{ state: string }>(
    'SELECT state FROM notification.deliveries WHERE event_id = $1 AND kind = $2',
    [eventId, kind],
  );
  const state = found[0]?.state;
  if (state === undefined) throw new Error(`the ledger has no ${kind} e-mail of event ${eventId}`);
  throw new Error(
    state === 'unknown'
      ? 'what it said is no longer kept'
      : `it is ${state}: only what is of unknown outcome is sent again`,
  );
}
