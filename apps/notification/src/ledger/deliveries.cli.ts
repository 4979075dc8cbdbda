import { formatTable } from '#libs/cli';
import type { Pool } from '#libs/platform';
import { isStale } from '../outbox/outbox.table.js';

type Print = (text: string) => void;

interface Count {
  readonly kind: string;
  readonly state: string;
  readonly reason: string | null;
  readonly count: number;
}

interface UnknownDelivery {
  readonly eventId: string;
  readonly kind: string;
  readonly recipientId: string;
  readonly since: string;
}

/** The summary lists this many deliveries of unknown outcome at most. There should be few. */
const MAX_LISTED = 100;

/** Prints how many deliveries are in which state, the oldest that waits, and what an operator should look at. */
export async function showSummary(pool: Pool, asJson: boolean, print: Print): Promise<void> {
  const { rows: counts } = await pool.query<Count>(
    `SELECT kind, state, reason, count(*)::integer FROM notification.deliveries
     GROUP BY kind, state, reason ORDER BY kind, state, reason`,
  );
  const { rows: totals } = await pool.query<{ oldest: string | null; bounced: number; deadLetters: number }>(
    `SELECT (SELECT min(created_at) FROM notification.deliveries WHERE state IN ('queued', 'sending')) AS oldest,
       (SELECT count(*)::integer FROM notification.bounced_addresses) AS bounced,
       (SELECT count(*)::integer FROM notification.dead_letters WHERE redriven_at IS NULL) AS "deadLetters"`,
  );
  const { rows: unknown } = await pool.query<UnknownDelivery>(
    `SELECT event_id AS "eventId", kind, recipient_id AS "recipientId", settled_at AS since
     FROM notification.deliveries WHERE state = 'unknown' ORDER BY settled_at LIMIT ${MAX_LISTED}`,
  );
  const { oldest: oldestQueued, bounced, deadLetters } = totals[0]!;
  if (asJson) return print(JSON.stringify({ counts, oldestQueued, bounced, deadLetters, unknown }, null, 2));
  const rows = counts.map(({ kind, state, reason, count }) => [kind, state, reason ?? '-', String(count)]);
  for (const line of formatTable([['kind', 'state', 'reason', 'count'], ...rows])) print(line);
  print(`oldest that waits: ${oldestQueued === null ? 'none' : `since ${oldestQueued}`}`);
  print(
    `suppressed addresses: ${bounced}, dead letters: ${deadLetters}, of unknown outcome: ${unknown.length}`,
  );
  for (const { eventId, kind, recipientId, since } of unknown) {
    print(`  ${eventId} ${kind} to ${recipientId}, since ${since}`);
  }
}

/**
 * Queues a delivery of unknown outcome again, under its Message-ID: an operator has decided that a second e-mail is better
 * than none. Every reason to suppress it still applies, its age included (D21).
 * @throws Error where its outcome is not unknown
 */
export async function resend(
  pool: Pool,
  eventId: string,
  kind: string,
  maxAgeMs: number,
  print: Print,
): Promise<void> {
  const { rows } = await pool.query<{ recipientId: string }>(
    // A new created_at: it is tried for a day from now on.
    `UPDATE notification.deliveries d SET state = 'queued', reason = 'RESEND', claim = NULL, settled_at = NULL,
       due_at = now(), created_at = now()
     WHERE event_id = $1 AND kind = $2 AND state = 'unknown' AND content IS NOT NULL
       AND NOT ${isStale('$3')}
     RETURNING recipient_id AS "recipientId"`,
    [eventId, kind, maxAgeMs],
  );
  if (rows.length > 0) {
    return print(`the ${kind} e-mail of ${eventId} to ${rows[0]!.recipientId} is queued again`);
  }
  const { rows: found } = await pool.query<{ state: string; isTooOld: boolean }>(
    `SELECT state, ${isStale('$3')} AS "isTooOld" FROM notification.deliveries d WHERE event_id = $1 AND kind = $2`,
    [eventId, kind, maxAgeMs],
  );
  const { state, isTooOld } = found[0] ?? {};
  if (state === undefined) throw new Error(`the ledger has no ${kind} e-mail of event ${eventId}`);
  if (state !== 'unknown')
    throw new Error(`the e-mail is ${state}: only an e-mail of unknown outcome can be sent again`);
  if (isTooOld === true)
    throw new Error('the event is older than MAIL_MAX_AGE: its e-mail is never sent (D21)');
  throw new Error('the content of the e-mail was deleted: it is kept for a limited time only');
}
