import type { FastifyReply } from 'fastify';
import type { CommandOutcome, OutcomeCode } from '#libs/contracts';
import { Problem } from '../http/problem.js';

const STATUS: Readonly<Record<OutcomeCode, number>> = {
  INVALID_COMMAND: 400,
  ACCOUNT_RESTRICTED: 403,
  LIMIT_REACHED: 403,
  NOT_YOURS: 403,
  NOT_FOUND: 404,
  ALREADY_CONNECTED: 409,
  NOT_OPEN: 409,
  ALREADY_ANSWERED: 409,
  NOT_IGNORED: 409,
  TOO_SOON: 409,
  EMAIL_REQUIRED: 422,
  RECIPIENT_UNAVAILABLE: 422,
};

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
  throw new Problem(STATUS[code], code);
}
