import type { CommandOutcome, OutcomeCode } from '#libs/contracts';
import type { Queryable } from '#libs/platform';
import { findOutcomes } from '#libs/read-models';

/** The stored outcome of a command, for the actor who asked for it and nobody else (D4). */
export async function storedOutcome(
  db: Queryable,
  commandId: string,
  actorId: string,
): Promise<CommandOutcome | undefined> {
  const stored = (await findOutcomes(db, [commandId])).get(commandId);
  if (stored?.actorId !== actorId) return undefined;
  return stored.refusal === undefined
    ? { commandId, outcome: 'accepted' }
    : { commandId, outcome: 'refused', code: stored.refusal as OutcomeCode };
}
