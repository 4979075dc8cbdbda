import type { Queryable } from '#libs/platform';

/** An invitation that is old enough to expire, for which the claimant issues a command (D22). */
export interface ClaimedExpiry {
  readonly invitationId: string;
  readonly recipientId: string;
  /** 1 for the first time. */
  readonly attempt: number;
  readonly askedAt: string;
  /** Time since the invitation was old enough, in milliseconds. */
  readonly lateMs: number;
}

export interface ExpiryClaimSettings {
  /** How long an invitation may be open, in milliseconds. */
  readonly expiryMs: number;
  /** The maximum at a time. */
  readonly limit: number;
  /** The greatest rate of all claimants together. */
  readonly perSecond: number;
  /** An invitation that is still open is claimed again after this time, then after twice this time, and so on. */
  readonly pauseMs: number;
  readonly longestPauseMs: number;
}

interface Row {
  readonly invitation_id: string;
  readonly recipient_id: string;
  readonly attempt: number;
  readonly asked_at: string;
  readonly late_ms: number;
}

/*
 * All times are the database's. The replica that locks the one row of expiry_pace when it is due has the turn, and advances it by as
 * much as the claimed invitations may take. The others skip the locked row, and come again later. So a backlog of years is worked
 * off at one rate, by however many claimants, and goes on where it was after a crash.
 *
 * The rows of the sent lists that are pending or replied are the invitations that are open as far as their inviters can know. What
 * a recipient did in silence is not in them, so it cannot make a difference here (D1).
 */
const CLAIM = `
  WITH turn AS MATERIALIZED (
    SELECT only_row FROM read_models.expiry_pace WHERE next_at <= statement_timestamp() FOR UPDATE SKIP LOCKED
  ), due AS (
    SELECT s.invitation_id, s.recipient_id, s.sent_at FROM read_models.sent s
    WHERE s.status IN ('pending', 'replied') AND s.sent_at <= statement_timestamp() - $1::float8 * interval '1 ms'
      AND (SELECT only_row FROM turn)
      AND (SELECT true FROM read_models.expiry_asked a
        WHERE a.invitation_id = s.invitation_id AND a.again_at > statement_timestamp() LIMIT 1) IS NULL
    ORDER BY s.sent_at LIMIT $2
  ), claimed AS (
    INSERT INTO read_models.expiry_asked AS a (invitation_id, attempt, asked_at, again_at)
    SELECT invitation_id, 1, statement_timestamp(), statement_timestamp() + $3::float8 * interval '1 ms' FROM due
    ON CONFLICT (invitation_id) DO UPDATE SET attempt = a.attempt + 1, asked_at = excluded.asked_at,
      again_at = statement_timestamp() + interval '1 ms' * LEAST($4::float8, $3::float8 * 2 ^ LEAST(a.attempt, 30))
    RETURNING invitation_id, attempt, asked_at
  ), paced AS (
    UPDATE read_models.expiry_pace
    SET next_at = statement_timestamp() + (SELECT count(*) FROM claimed) / $5::float8 * interval '1 second'
    WHERE (SELECT only_row FROM turn)
  )
  SELECT invitation_id, recipient_id, attempt, asked_at,
    (extract(epoch FROM statement_timestamp() - sent_at) * 1000)::float8 - $1::float8 AS late_ms
  FROM claimed JOIN due USING (invitation_id) ORDER BY sent_at`;

/**
 * Claims invitations that are old enough to expire, the oldest first, if the rate allows it now. Nobody else gets a claimed invitation
 * until its pause is over. If its command is lost, or is refused because another clock is behind, it is claimed again.
 */
export async function claimDueExpiries(
  db: Queryable,
  { expiryMs, limit, perSecond, pauseMs, longestPauseMs }: ExpiryClaimSettings,
): Promise<readonly ClaimedExpiry[]> {
  const { rows } = await db.query<Row>(CLAIM, [expiryMs, limit, pauseMs, longestPauseMs, perSecond]);
  return rows.map(({ invitation_id, recipient_id, attempt, asked_at, late_ms }) => ({
    invitationId: invitation_id,
    recipientId: recipient_id,
    attempt,
    askedAt: asked_at,
    lateMs: late_ms,
  }));
}

/** Undoes claims whose commands were not issued. The invitations are due again at once, and the attempt does not count. */
export async function releaseExpiries(db: Queryable, claimed: readonly ClaimedExpiry[]): Promise<void> {
  await db.query(
    `UPDATE read_models.expiry_asked a SET attempt = a.attempt - 1, again_at = statement_timestamp()
     FROM unnest($1::text[], $2::timestamptz[]) AS mine (invitation_id, asked_at)
     WHERE a.invitation_id = mine.invitation_id AND a.asked_at = mine.asked_at`,
    [claimed.map(({ invitationId }) => invitationId), claimed.map(({ askedAt }) => askedAt)],
  );
}

/** Deletes claims of invitations that are no longer open. */
export async function deleteSettledExpiryClaims(db: Queryable): Promise<void> {
  await db.query(
    `DELETE FROM read_models.expiry_asked a WHERE again_at < statement_timestamp()
       AND NOT EXISTS (SELECT FROM read_models.sent s
         WHERE s.invitation_id = a.invitation_id AND s.status IN ('pending', 'replied'))`,
  );
}
