import type { Queryable } from '#libs/platform';

/** The first and only outcome of a command. */
export interface StoredOutcome {
  readonly commandId: string;
  readonly actorId: string;
  /** Why it was refused; undefined when it was accepted. */
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
  const { rows } = await db.query<Row>(
    'SELECT command_id, actor_id, refusal FROM read_models.command_outcomes WHERE command_id = ANY($1::uuid[])',
    [commandIds],
  );
  return new Map(rows.map((row) => [row.command_id, fromRow(row)]));
}

/**
 * Stores outcomes, each unless its command has one already: the first stands (D10).
 * @returns the outcomes that stand, by command
 */
export async function storeOutcomes(
  db: Queryable,
  outcomes: readonly StoredOutcome[],
  decidedAt: string,
): Promise<ReadonlyMap<string, StoredOutcome>> {
  if (outcomes.length === 0) return new Map();
  const ids = outcomes.map(({ commandId }) => commandId);
  const { rowCount } = await db.query(
    `INSERT INTO read_models.command_outcomes (command_id, actor_id, refusal, decided_at)
     SELECT id, actor, refusal, $4 FROM unnest($1::uuid[], $2::text[], $3::text[]) AS given (id, actor, refusal)
     ON CONFLICT DO NOTHING`,
    [ids, outcomes.map(({ actorId }) => actorId), outcomes.map(({ refusal }) => refusal ?? null), decidedAt],
  );
  return rowCount === ids.length
    ? new Map(outcomes.map((outcome) => [outcome.commandId, outcome]))
    : findOutcomes(db, ids);
}

function fromRow({ command_id, actor_id, refusal }: Row): StoredOutcome {
  return { commandId: command_id, actorId: actor_id, ...(refusal === null ? {} : { refusal }) };
}
