import { randomUUID } from 'node:crypto';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import {
  isServiceCommandId,
  UUID,
  COMMAND_TYPES,
  parseDto,
  type CommandMessage,
  type CommandType,
} from '#libs/contracts';
import { badRequest } from '../http/problem.js';

/** Whether a member may choose this command id: any UUID except those reserved for this service. */
export const isMemberCommandId = (id: string): boolean => UUID.test(id) && !isServiceCommandId(id);

/**
 * Returns the command id from the header `Idempotency-Key`, or a new one (D10).
 * @throws ProblemError 400 for an invalid id
 */
export function readCommandId({ headers }: Pick<FastifyRequest, 'headers'>): string {
  const key = headers['idempotency-key'];
  if (key === undefined) return randomUUID();
  if (typeof key !== 'string' || !isMemberCommandId(key)) {
    throw badRequest('Idempotency-Key must be a UUID, but not of version 8');
  }
  return key.toLowerCase();
}

export const CommandId = createParamDecorator((_: unknown, context: ExecutionContext): string =>
  readCommandId(context.switchToHttp().getRequest<FastifyRequest>()),
);

type CommandData<Type extends CommandType> = InstanceType<(typeof COMMAND_TYPES)[Type]>;

/**
 * Creates a command that is valid by its contract.
 * @throws InvalidDataError
 */
export function createCommand<Type extends CommandType>(
  type: Type,
  commandId: string,
  data: { [Field in keyof CommandData<Type>]: unknown },
): CommandMessage {
  return { type, commandId, data: parseDto<object>(COMMAND_TYPES[type], data) } as CommandMessage;
}
