import { reminderWindow, type Policy } from '#libs/invitation';
import type { Queryable } from '#libs/platform';

/** An invitation with `reminded` reminders so far and an age within the window is due for reminder `ordinal`. */
export interface DueWindow {
  readonly ordinal: number;
  readonly reminded: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Turns the schedule into ranges that an index can answer. At any age an invitation is in at most one window. After an
 * outage that is the window of the latest reminder; the earlier ones are skipped.
 */
export function dueWindows(policy: Pick<Policy, 'remindersMs' | 'reminderValidityMs'>): readonly DueWindow[] {
  return policy.remindersMs.flatMap((_, index) => {
    const ordinal = index + 1;
    const window = reminderWindow(policy, ordinal)!;
    return Array.from({ length: ordinal }, (_none, reminded) => ({ ordinal, reminded, ...window }));
  });
}

/** A reminder for which the claimant issues a command. */
export interface ClaimedReminder {
  readonly invitationId: string;
  readonly ordinal: number;
  /** 1 for the first time. */
  readonly attempt: number;
  readonly askedAt: string;
  /** Time since the reminder became due, in milliseconds. */
  readonly lateMs: number;
}

export interface ReminderClaimSettings {
  /** The maximum per window. */
  readonly limit: number;
  /** An unanswered reminder is claimed again after this time, then after twice this time, and so on. */
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
 * All times are the database's. An index condition can use `statement_timestamp()`, unlike `clock_timestamp()`.
 *
 * The claim is one statement and commits on its own, so the projection's rows are never locked while a poller waits for
 * Kafka. SKIP LOCKED skips rows that another poller or a batch of the projection has locked. A snapshot from before
 * another poller's claim may still show a reminder as unclaimed; the condition of DO UPDATE checks the current row.
 * The subquery uses `LIMIT 1` instead of NOT EXISTS, which the planner turns into a scan of all rows of reminders_asked.
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
 * Claims due reminders, the oldest first. Nobody else gets a claimed reminder until its pause is over. If its command is
 * lost, or is refused because another clock is behind, the reminder is claimed again while the invitation is pending and
 * the reminder valid.
 */
export async function claimDueReminders(
  db: Queryable,
  windows: readonly DueWindow[],
  { limit, pauseMs, longestPauseMs }: ReminderClaimSettings,
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

/** Undoes claims whose commands were not issued. The reminders are due again at once, and the attempt does not count. */
export async function releaseReminders(db: Queryable, claimed: readonly ClaimedReminder[]): Promise<void> {
  await db.query(
    `UPDATE read_models.reminders_asked a SET attempt = a.attempt - 1, again_at = statement_timestamp()
     FROM unnest($1::text[], $2::timestamptz[]) AS mine (invitation_id, asked_at)
     WHERE a.invitation_id = mine.invitation_id AND a.asked_at = mine.asked_at`,
    [claimed.map(({ invitationId }) => invitationId), claimed.map(({ askedAt }) => askedAt)],
  );
}

/** Deletes claims of reminders that are no longer valid. */
export async function deleteExpiredReminderClaims(db: Queryable, validityMs: number): Promise<void> {
  await db.query(
    `DELETE FROM read_models.reminders_asked
     WHERE asked_at < statement_timestamp() - $1::float8 * interval '1 ms'`,
    [validityMs],
  );
}
