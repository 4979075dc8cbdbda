import type { Queryable } from '#libs/platform';

/** The first and only outcome of a command. */
export interface StoredOutcome {
  readonly commandId: string;
  readonly actorId: string;
  /** Why the command was refused; undefined if it was accepted. */
  readonly refusal?: string;
}

interface Row {
  readonly command_id: string;
  readonly actor_id: string;
  readonly refusal: string | null;
}

export async function findOutcomes(
  db: Queryable,
  commandIds: readonly string[],
): Promise<ReadonlyMap<string, StoredOutcome>> {
  const { rows } = await db.query<Row>({
    name: 'find outcomes',
    text: 'SELECT command_id, actor_id, refusal FROM read_models.command_outcomes WHERE command_id = ANY($1::uuid[])',
    values: [commandIds],
  });
  return new Map(rows.map((row) => [row.command_id, outcomeOf(row.command_id, row.actor_id, row.refusal)]));
}

/**
 * Stores the outcomes of commands that have none yet, because the first outcome is final (D10). A refusal is stored only
 * while the holder has the command's claim; otherwise another holder may have accepted the command meanwhile. An acceptance is
 * always stored, because its events are in the account's stream.
 * @returns the final outcomes by command id; none for a refusal whose claim was lost and that has no outcome yet
 */
export async function storeOutcomes(
  db: Queryable,
  outcomes: readonly StoredOutcome[],
  decidedAt: string,
  holder: string,
): Promise<ReadonlyMap<string, StoredOutcome>> {
  if (outcomes.length === 0) return new Map();
  const ids = outcomes.map(({ commandId }) => commandId);
  const { rowCount } = await db.query({
    name: 'store outcomes',
    text: `WITH given AS MATERIALIZED (
       SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[]) AS given (command_id, actor_id, refusal)
     ), held AS MATERIALIZED (
       SELECT command_id FROM read_models.command_claims
       WHERE command_id = ANY($5::uuid[]) AND holder = $6 ORDER BY command_id FOR UPDATE
     )
     INSERT INTO read_models.command_outcomes (command_id, actor_id, refusal, decided_at)
     SELECT command_id, actor_id, refusal, $4 FROM given
     WHERE refusal IS NULL OR command_id IN (SELECT command_id FROM held)
     ORDER BY command_id
     ON CONFLICT DO NOTHING`,
    values: [
      ids,
      outcomes.map(({ actorId }) => actorId),
      outcomes.map(({ refusal }) => refusal ?? null),
      decidedAt,
      outcomes.filter(({ refusal }) => refusal !== undefined).map(({ commandId }) => commandId),
      holder,
    ],
  });
  return rowCount === ids.length
    ? new Map(outcomes.map((outcome) => [outcome.commandId, outcome]))
    : findOutcomes(db, ids);
}

/** Converts the columns of a row. */
export function outcomeOf(commandId: string, actorId: string, refusal: string | null): StoredOutcome {
  return { commandId, actorId, ...(refusal === null ? {} : { refusal }) };
}
