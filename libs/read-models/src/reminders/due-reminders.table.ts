import type { Queryable } from '#libs/platform';
import type { DueWindow } from './due-windows.js';

/** A reminder that is this poller's to ask for, by the claim. */
export interface ClaimedReminder {
  readonly invitationId: string;
  readonly ordinal: number;
  /** 1 for the first time. */
  readonly attempt: number;
  readonly askedAt: string;
  /** How long after it was due, in milliseconds. */
  readonly lateMs: number;
}

export interface ClaimSettings {
  /** At most so many of each window. */
  readonly limit: number;
  /** A reminder of which nothing has come is asked for again after this long, then after twice that, and so on. */
  readonly pauseMs: number;
  readonly longestPauseMs: number;
}

interface Row {
  readonly invitation_id: string;
  readonly ordinal: number;
  readonly attempt: number;
  readonly asked_at: string;
  readonly late_ms: number;
}

/*
 * All times are the database's: `statement_timestamp()`, because an index can be asked for it, unlike `clock_timestamp()`.
 *
 * One statement, which commits by itself: the rows of the projection are locked for that moment only, never while Kafka is
 * waited for. SKIP LOCKED passes over what another poller or a batch of the projection has in hand. A snapshot from
 * before another's claim may still show a reminder as unasked: the condition of DO UPDATE looks at the row as it is.
 * `LIMIT 1`, where it might say NOT EXISTS: of that the planner makes a scan of all that was ever asked for.
 */
const CLAIM = `
  WITH due AS (
    SELECT w.ordinal, found.invitation_id, found.sent_at + w.from_ms * interval '1 ms' AS due_at
    FROM unnest($1::smallint[], $2::smallint[], $3::float8[], $4::float8[]) AS w (ordinal, reminded, from_ms, to_ms)
    CROSS JOIN LATERAL (
      SELECT r.invitation_id, r.sent_at FROM read_models.reminders r
      WHERE r.reminded = w.reminded
        AND r.sent_at <= statement_timestamp() - w.from_ms * interval '1 ms'
        AND r.sent_at >= statement_timestamp() - w.to_ms * interval '1 ms'
        AND (SELECT true FROM read_models.reminders_asked a WHERE a.invitation_id = r.invitation_id
          AND a.ordinal >= w.ordinal AND a.again_at > statement_timestamp() LIMIT 1) IS NULL
      ORDER BY r.sent_at LIMIT $5 FOR UPDATE OF r SKIP LOCKED) AS found
  ), claimed AS (
    INSERT INTO read_models.reminders_asked AS a (invitation_id, ordinal, attempt, asked_at, again_at)
    SELECT invitation_id, ordinal, 1, statement_timestamp(), statement_timestamp() + $6::float8 * interval '1 ms' FROM due
    ON CONFLICT (invitation_id) DO UPDATE SET
      ordinal = excluded.ordinal,
      attempt = CASE WHEN a.ordinal = excluded.ordinal THEN a.attempt + 1 ELSE 1 END,
      asked_at = excluded.asked_at,
      again_at = statement_timestamp() + interval '1 ms' * CASE WHEN a.ordinal = excluded.ordinal
        THEN LEAST($7::float8, $6::float8 * 2 ^ LEAST(a.attempt, 30)) ELSE $6::float8 END
    WHERE a.ordinal < excluded.ordinal OR a.again_at <= statement_timestamp()
    RETURNING invitation_id, ordinal, attempt, asked_at
  )
  SELECT invitation_id, ordinal, attempt, asked_at,
    (extract(epoch FROM statement_timestamp() - due_at) * 1000)::float8 AS late_ms
  FROM claimed JOIN due USING (invitation_id, ordinal)`;

/**
 * Claims reminders that are due, the oldest first. Nobody else gets one of them before its pause is over: when its command
 * is lost, or refused because another clock is behind, it is claimed anew, as long as the invitation is untouched and the
 * reminder valid.
 */
export async function claimDueReminders(
  db: Queryable,
  windows: readonly DueWindow[],
  { limit, pauseMs, longestPauseMs }: ClaimSettings,
): Promise<readonly ClaimedReminder[]> {
  if (windows.length === 0) return [];
  const { rows } = await db.query<Row>(CLAIM, [
    windows.map(({ ordinal }) => ordinal),
    windows.map(({ reminded }) => reminded),
    windows.map(({ fromMs }) => fromMs),
    windows.map(({ toMs }) => toMs),
    limit,
    pauseMs,
    longestPauseMs,
  ]);
  return rows.map(({ invitation_id, ordinal, attempt, asked_at, late_ms }) => ({
    invitationId: invitation_id,
    ordinal,
    attempt,
    askedAt: asked_at,
    lateMs: late_ms,
  }));
}

/** Those were not asked for after all: they are due again at once, and this was no attempt. */
export async function putBackReminders(db: Queryable, claimed: readonly ClaimedReminder[]): Promise<void> {
  await db.query(
    `UPDATE read_models.reminders_asked a SET attempt = a.attempt - 1, again_at = statement_timestamp()
     FROM unnest($1::text[], $2::timestamptz[]) AS mine (invitation_id, asked_at)
     WHERE a.invitation_id = mine.invitation_id AND a.asked_at = mine.asked_at`,
    [claimed.map(({ invitationId }) => invitationId), claimed.map(({ askedAt }) => askedAt)],
  );
}

/** Forgets what was asked for so long ago that it is valid no longer. */
export async function sweepAskedReminders(db: Queryable, validityMs: number): Promise<void> {
  await db.query(
    `DELETE FROM read_models.reminders_asked
     WHERE asked_at < statement_timestamp() - $1::float8 * interval '1 ms'`,
    [validityMs],
  );
}
