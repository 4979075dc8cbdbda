import type { Queryable } from '#libs/platform';
import { findOutcomes, outcomeOf, type StoredOutcome } from './command-outcomes.table.js';

/** The content to which a command id belongs (D10). */
export interface CommandContent {
  readonly commandId: string;
  readonly accountId: string;
  readonly actorId: string;
  /** SHA-256 of type and data, in hex. */
  readonly digest: string;
}

/** The status of a command id after the attempt to claim it. */
export interface ClaimStatus {
  /** The content to which the id belongs, maybe not the given one; undefined if a version without claims decided. */
  readonly content: CommandContent | undefined;
  /** The first outcome, if the command was decided. */
  readonly outcome: StoredOutcome | undefined;
  /** Whether the calling holder has the claim, and so decides. */
  readonly isMine: boolean;
  /** Whether this statement started the lease. */
  readonly leaseStarted: boolean;
  /** Time until the lease ends, in milliseconds. */
  readonly leaseRemainingMs: number;
}

export interface ClaimSettings {
  /** A UUID that is unique for each batch. */
  readonly holder: string;
  /** Holders that ended without an append under way. Their claims are taken over at once. */
  readonly endedHolders: readonly string[];
  readonly leaseMs: number;
}

interface ContentRow {
  readonly command_id: string;
  readonly account_id: string | null;
  readonly actor_id: string | null;
  readonly digest: string | null;
}

interface OutcomeRow {
  readonly command_id: string;
  readonly outcome_actor: string | null;
  readonly refusal: string | null;
}

/** The columns of the claim are null if there is an outcome, and those of the outcome if there is none. */
interface StatusRow extends ContentRow, OutcomeRow {
  readonly is_mine: boolean | null;
  readonly is_new: boolean | null;
  readonly takeovers: number | null;
  readonly held_for: number | null;
}

const ms = (parameter: string): string => `${parameter}::double precision * interval '1 millisecond'`;

/**
 * Claims command ids for contents, in one statement: the batch that inserts the row decides about the command. A claim of
 * the same content whose lease has ended is taken over. The ids are inserted in order, so two batches cannot deadlock. The
 * statement does not return ids that it simply inserted, because nearly all are, and sending and parsing their rows cost a
 * fifth of the command app's time.
 * @param contents one per id
 */
export async function claimCommands(
  db: Queryable,
  contents: readonly CommandContent[],
  { holder, endedHolders, leaseMs }: ClaimSettings,
): Promise<ReadonlyMap<string, ClaimStatus>> {
  const { rows } = await db.query<StatusRow>({
    name: 'claim commands',
    text: `WITH given AS MATERIALIZED (
       SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) AS given (command_id, account_id, actor_id, digest)
     ), decided AS MATERIALIZED (
       SELECT o.command_id, o.actor_id AS outcome_actor, o.refusal, c.account_id, c.actor_id, c.digest
       FROM read_models.command_outcomes o LEFT JOIN read_models.command_claims c USING (command_id)
       WHERE o.command_id = ANY($1::uuid[])
     ), claimed AS (
       INSERT INTO read_models.command_claims AS held (command_id, account_id, actor_id, digest, holder, claimed_at)
       SELECT command_id, account_id, actor_id, decode(digest, 'hex'), $5, statement_timestamp() FROM given
       WHERE NOT EXISTS (SELECT FROM decided WHERE decided.command_id = given.command_id)
       ORDER BY command_id
       ON CONFLICT (command_id) DO UPDATE SET (holder, claimed_at, takeovers) = (
         SELECT CASE WHEN free THEN excluded.holder ELSE held.holder END,
           CASE WHEN free THEN excluded.claimed_at ELSE held.claimed_at END,
           held.takeovers + free::integer
         FROM (SELECT (held.account_id, held.actor_id, held.digest) = (excluded.account_id, excluded.actor_id, excluded.digest)
           AND (held.holder = ANY($6::uuid[]) OR held.claimed_at + ${ms('$7')} < excluded.claimed_at) AS free) AS takeover)
       RETURNING command_id, account_id, actor_id, digest, takeovers, holder = $5 AS is_mine,
         holder = $5 AND claimed_at = statement_timestamp()::timestamptz(3) AS is_new,
         extract(epoch FROM claimed_at + ${ms('$7')} - statement_timestamp())::double precision * 1000 AS held_for
     )
     SELECT command_id, account_id, actor_id, encode(digest, 'hex') AS digest, is_mine, is_new, takeovers, held_for,
       NULL AS outcome_actor, NULL AS refusal FROM claimed WHERE NOT (is_mine AND is_new AND takeovers = 0)
     UNION ALL
     SELECT command_id, account_id, actor_id, encode(digest, 'hex'), NULL, NULL, NULL, NULL, outcome_actor, refusal FROM decided`,
    values: [
      contents.map(({ commandId }) => commandId),
      contents.map(({ accountId }) => accountId),
      contents.map(({ actorId }) => actorId),
      contents.map(({ digest }) => digest),
      holder,
      endedHolders,
      leaseMs,
    ],
  });
  const takenOver = rows.filter((row) => row.is_mine === true && row.takeovers! > 0);
  // The previous holder may have stored an outcome while this statement waited for its lock.
  const late =
    takenOver.length === 0
      ? new Map()
      : await findOutcomes(
          db,
          takenOver.map((row) => row.command_id),
        );
  const statuses = new Map(contents.map((content) => [content.commandId, newClaim(content, leaseMs)]));
  for (const row of rows) statuses.set(row.command_id, statusOf(row, late.get(row.command_id)));
  return statuses;
}

const newClaim = (content: CommandContent, leaseMs: number): ClaimStatus => ({
  content,
  outcome: undefined,
  isMine: true,
  leaseStarted: true,
  leaseRemainingMs: leaseMs,
});

function statusOf(row: StatusRow, late: StoredOutcome | undefined): ClaimStatus {
  return {
    content: contentIn(row),
    outcome: outcomeIn(row) ?? late,
    isMine: row.is_mine === true,
    leaseStarted: row.is_new === true,
    leaseRemainingMs: row.held_for ?? 0,
  };
}

/**
 * Restarts the lease of claims.
 * @returns whether the holder still has all of them
 */
export async function renewClaims(
  db: Queryable,
  commandIds: readonly string[],
  holder: string,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE read_models.command_claims SET claimed_at = statement_timestamp()
     WHERE holder = $2 AND command_id IN (
       SELECT command_id FROM read_models.command_claims WHERE command_id = ANY($1::uuid[]) AND holder = $2
       ORDER BY command_id FOR UPDATE)`,
    [commandIds, holder],
  );
  return rowCount === commandIds.length;
}

/** Returns the content to which a command id belongs and its outcome, as far as they are known. */
export async function findClaim(
  db: Queryable,
  commandId: string,
): Promise<Pick<ClaimStatus, 'content' | 'outcome'>> {
  const { rows } = await db.query<ContentRow & OutcomeRow>({
    name: 'find claim',
    text: `SELECT given.command_id, c.account_id, c.actor_id, encode(c.digest, 'hex') AS digest, o.actor_id AS outcome_actor, o.refusal
     FROM (SELECT $1::uuid AS command_id) AS given
     LEFT JOIN read_models.command_claims c USING (command_id)
     LEFT JOIN read_models.command_outcomes o USING (command_id)`,
    values: [commandId],
  });
  return { content: contentIn(rows[0]!), outcome: outcomeIn(rows[0]!) };
}

function contentIn({
  command_id: commandId,
  account_id,
  actor_id,
  digest,
}: ContentRow): CommandContent | undefined {
  return account_id === null || actor_id === null || digest === null
    ? undefined
    : { commandId, accountId: account_id, actorId: actor_id, digest };
}

const outcomeIn = ({ command_id, outcome_actor, refusal }: OutcomeRow): StoredOutcome | undefined =>
  outcome_actor === null ? undefined : outcomeOf(command_id, outcome_actor, refusal);
