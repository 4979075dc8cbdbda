import type { StoredOutcome } from '#libs/command-outcomes';
import type { Queryable } from '#libs/platform';

/** Inserts outcomes as a version without claims has stored them. */
export async function giveOutcomes(db: Queryable, outcomes: readonly StoredOutcome[]): Promise<void> {
  for (const { commandId, actorId, refusal } of outcomes)
    await db.query('INSERT INTO read_models.command_outcomes VALUES ($1, $2, $3, now())', [
      commandId,
      actorId,
      refusal ?? null,
    ]);
}
