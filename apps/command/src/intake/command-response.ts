import type { CommandContent, StoredOutcome } from '#libs/command-outcomes';
import type { OutcomeCode } from '#libs/contracts';
import type { AddressedResponse } from './batch-publisher.js';
import type { CommandRequest, UnprocessableMessage } from './parse-batch.js';

/** The response to the publisher of a command. */
export interface CommandResponse {
  /** Undefined if the command was accepted. */
  readonly code?: OutcomeCode | undefined;
  /** With `INVALID_COMMAND`: what is wrong, by names of headers and fields. */
  readonly reason?: string;
}

/** The responses to the messages of a batch, with their topics and ids. An invalid command gets one, too. */
export function addressResponses(
  responses: ReadonlyMap<CommandRequest, CommandResponse>,
  unprocessable: readonly UnprocessableMessage[],
): AddressedResponse[] {
  const addressed = [...responses].flatMap(([{ replyTo }, { code, reason }]): AddressedResponse[] =>
    replyTo.map(({ topic, id }) => ({ topic, commandId: id, code, reason })),
  );
  for (const { replyTo, reason } of unprocessable) {
    if (replyTo !== undefined)
      addressed.push({ topic: replyTo.topic, commandId: replyTo.id, code: 'INVALID_COMMAND', reason });
  }
  return addressed;
}

/**
 * Returns the outcome, or `INVALID_COMMAND` if the id belongs to another content. An actor to whom the id does not belong
 * learns nothing else about it. Returns undefined if nothing was decided.
 * @param claimed the content to which the id belongs; undefined if a version without claims decided
 */
export function responseTo(
  { content: { actorId, accountId, digest } }: CommandRequest,
  outcome: StoredOutcome | undefined,
  claimed: CommandContent | undefined,
): CommandResponse | undefined {
  const owner = claimed?.actorId ?? outcome?.actorId;
  if (owner !== actorId) return usedBefore('by another actor');
  if (claimed !== undefined && claimed.accountId !== accountId) return usedBefore('for another account');
  if (claimed !== undefined && claimed.digest !== digest)
    return usedBefore('with another ce_type or other data');
  if (outcome === undefined) return undefined;
  return { code: outcome.refusal as OutcomeCode | undefined };
}

const usedBefore = (how: string): CommandResponse => ({
  code: 'INVALID_COMMAND',
  reason: `ce_id was used before, ${how}`,
});
