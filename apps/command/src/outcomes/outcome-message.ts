import { cloudEventHeaders, SOURCE, type CommandOutcome, type OutcomeCode } from '#libs/contracts';
import type { Outgoing } from '#libs/kafka';

/** An outcome on its way to the one who asked: the command's id, what became of it, and nothing else (D1). */
export function outcomeMessage(
  topic: string,
  commandId: string,
  code: OutcomeCode | undefined,
  time: string,
): Outgoing {
  const outcome: CommandOutcome =
    code === undefined ? { commandId, outcome: 'accepted' } : { commandId, outcome: 'refused', code };
  return {
    topic,
    key: commandId,
    value: JSON.stringify(outcome),
    headers: cloudEventHeaders({
      id: commandId,
      type: 'invitations.outcome.v1',
      source: SOURCE,
      time,
      subject: commandId,
    }),
  };
}
