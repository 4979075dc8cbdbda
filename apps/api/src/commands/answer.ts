import type { FastifyReply } from 'fastify';
import type { CommandOutcome } from '#libs/contracts';
import { Problem } from '../http/problem.js';
import { REFUSAL_STATUS } from './refusal-status.js';

/**
 * The HTTP answer to a command: its own when it is accepted, 202 and where to ask again when its outcome is not known
 * yet, and a problem when it is refused, made of the code alone (D1).
 */
export function answer<Accepted extends { commandId: string }>(
  reply: FastifyReply,
  outcome: CommandOutcome | undefined,
  accepted: Accepted,
): Accepted | { commandId: string } {
  if (outcome?.outcome === 'accepted') return accepted;
  const { commandId } = accepted;
  if (outcome === undefined) {
    void reply.code(202).header('location', `/v1/commands/${commandId}`);
    return { commandId };
  }
  const code = outcome.code ?? 'INVALID_COMMAND';
  throw new Problem(REFUSAL_STATUS[code], code);
}
