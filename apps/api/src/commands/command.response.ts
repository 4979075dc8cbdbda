import { ApiProperty, ApiAcceptedResponse, ApiHeader } from '@nestjs/swagger';
import { applyDecorators } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { REFUSAL_CODES, type OutcomeCode, type CommandOutcome } from '#libs/contracts';
import { ApiProblem, ProblemError } from '../http/problem.js';

/** The body of 200, and of 202 while the outcome is not known. */
export class CommandResponse {
  @ApiProperty({ format: 'uuid' })
  commandId: string;
}

export class OutcomeResponse extends CommandResponse {
  @ApiProperty({ enum: ['accepted', 'refused'] })
  outcome: 'accepted' | 'refused';

  @ApiProperty({ enum: REFUSAL_CODES, required: false })
  code?: OutcomeCode;
}

/** The HTTP status of each refusal code. */
export const REFUSAL_STATUS: Readonly<Record<OutcomeCode, number>> = {
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
 * Documents a command's header, its 202 response and its refusals in OpenAPI.
 * @param refusals the possible codes beside `INVALID_COMMAND`, which every command may return
 */
export const ApiCommand = (...refusals: OutcomeCode[]): MethodDecorator =>
  applyDecorators(
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description:
        'The id of the command, a UUID (not of version 8). A repeated request with the same id has no second effect and gets the first outcome.',
      schema: { type: 'string', format: 'uuid' },
    }),
    ApiAcceptedResponse({
      type: CommandResponse,
      description: 'The outcome is not known yet. Location is the address of the outcome.',
      headers: { Location: { schema: { type: 'string', format: 'uri-reference' } } },
    }),
    ...groupByStatus(['INVALID_COMMAND', ...refusals]).map(([status, codes]) => ApiProblem(status, ...codes)),
  );

function groupByStatus(codes: OutcomeCode[]): [number, OutcomeCode[]][] {
  const all = new Map<number, OutcomeCode[]>();
  for (const code of codes) {
    const status = REFUSAL_STATUS[code];
    all.set(status, [...(all.get(status) ?? []), code]);
  }
  return [...all];
}

/**
 * Turns an outcome into the HTTP response: the given body when the command was accepted, 202 with a Location while
 * its outcome is not known yet, and a problem when it was refused. The problem contains nothing but the code (D1);
 * only an invalid command has a reason.
 */
export function toHttpResponse<Accepted extends { commandId: string }>(
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
  throw new ProblemError(REFUSAL_STATUS[code], code, {}, outcome.reason);
}
