import { findClaim, findOutcomes, type StoredOutcome } from '#libs/command-outcomes';
import {
  accountOfCommand,
  actorOfCommand,
  commandDigest,
  type CommandMessage,
  type CommandOutcome,
  type OutcomeCode,
} from '#libs/contracts';
import type { Queryable } from '#libs/platform';

/** Returns the stored outcome of a command to its actor only (D4). */
export async function findOwnOutcome(
  db: Queryable,
  commandId: string,
  actorId: string,
): Promise<CommandOutcome | undefined> {
  const stored = (await findOutcomes(db, [commandId])).get(commandId);
  return stored?.actorId === actorId ? toOutcome(stored) : undefined;
}

/**
 * What is stored under a command id:
 * - `decided`: the outcome of this very command, or of the same actor's command from a version that did not store
 * digests
 * - `claimed`: this very command is being decided
 * - `taken`: another command has the id; `isOwn` says whether it is the same actor's
 * - `unknown`: nothing is stored
 */
type StoredCommand =
  | { readonly state: 'decided'; readonly outcome: CommandOutcome }
  | { readonly state: 'claimed' | 'unknown' }
  | { readonly state: 'taken'; readonly isOwn: boolean };

export async function findStoredCommand(db: Queryable, command: CommandMessage): Promise<StoredCommand> {
  const actorId = actorOfCommand(command);
  const { content, outcome } = await findClaim(db, command.commandId);
  const owner = content?.actorId ?? outcome?.actorId;
  if (owner === undefined) return { state: 'unknown' };
  const isSame =
    owner === actorId &&
    (content === undefined ||
      (content.accountId === accountOfCommand(command) && content.digest === commandDigest(command)));
  if (!isSame) return { state: 'taken', isOwn: owner === actorId };
  return outcome === undefined ? { state: 'claimed' } : { state: 'decided', outcome: toOutcome(outcome) };
}

/** The outcome of a command whose id another command has: it has no effect, and does not reveal the other outcome. */
export const idTakenOutcome = (commandId: string): CommandOutcome => ({
  commandId,
  outcome: 'refused',
  code: 'INVALID_COMMAND',
  reason: 'Idempotency-Key was used before, for another command',
});

const toOutcome = ({ commandId, refusal }: StoredOutcome): CommandOutcome =>
  refusal === undefined
    ? { commandId, outcome: 'accepted' }
    : { commandId, outcome: 'refused', code: refusal as OutcomeCode };
