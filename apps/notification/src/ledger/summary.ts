import type { Pool } from '#libs/platform';
import { columns } from './columns.js';

interface Count {
  readonly kind: string;
  readonly state: string;
  readonly reason: string | null;
  readonly count: number;
}

interface Unknown {
  readonly eventId: string;
  readonly kind: string;
  readonly recipientId: string;
  readonly since: string;
}

/** Those of unknown outcome that are listed; there should be few. */
const MOST = 100;

/** How many of what, what waits for the longest, and what a person should look at. */
export async function showSummary(pool: Pool, asJson: boolean, print: (text: string) => void): Promise<void> {
  const { rows: counts } = await pool.query<Count>(
    `SELECT kind, state, reason, count(*)::integer FROM notification.deliveries
     GROUP BY kind, state, reason ORDER BY kind, state, reason`,
  );
  const { rows: oldest } = await pool.query<{ at: string | null; bounced: number; deadLetters: number }>(
    `SELECT (SELECT min(created_at) FROM notification.deliveries WHERE state IN ('queued', 'sending')) AS at,
       (SELECT count(*)::integer FROM notification.bounced_addresses) AS bounced,
       (SELECT count(*)::integer FROM notification.dead_letters WHERE redriven_at IS NULL) AS "deadLetters"`,
  );
  const { rows: unknown } = await pool.query<Unknown>(
    `SELECT event_id AS "eventId", kind, recipient_id AS "recipientId", settled_at AS since
     FROM notification.deliveries WHERE state = 'unknown' ORDER BY settled_at LIMIT ${MOST}`,
  );
  const { at: oldestQueued, bounced, deadLetters } = oldest[0]!;
  if (asJson) return print(JSON.stringify({ counts, oldestQueued, bounced, deadLetters, unknown }, null, 2));
  const lines = counts.map(({ kind, state, reason, count }) => [kind, state, reason ?? '-', String(count)]);
  for (const line of columns([['kind', 'state', 'reason', 'count'], ...lines])) print(line);
  print(`waits for the longest: ${oldestQueued === null ? 'nothing' : `since ${oldestQueued}`}`);
  print(
    `suppressed addresses: ${bounced}, dead letters: ${deadLetters}, of unknown outcome: ${unknown.length}`,
  );
  for (const { eventId, kind, recipientId, since } of unknown) {
    print(`  ${eventId} ${kind} to ${recipientId}, since ${since}`);
  }
}
