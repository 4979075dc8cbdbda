import { randomUUID } from 'node:crypto';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { isServiceCommandId, UUID } from '#libs/contracts';
import { invalid } from '../http/problem.js';

/** A member's own id for a command: any UUID but those that this service keeps for itself. */
export const isMembersCommandId = (id: string): boolean => UUID.test(id) && !isServiceCommandId(id);

/**
 * The command's id that a request names, or a new one (D10).
 * @throws Problem 400 for one that it cannot be
 */
export function commandIdIn({ headers }: Pick<FastifyRequest, 'headers'>): string {
  const key = headers['idempotency-key'];
  if (key === undefined) return randomUUID();
  if (typeof key !== 'string' || !isMembersCommandId(key)) {
    throw invalid('Idempotency-Key must be a UUID, but not of version 8');
  }
  return key.toLowerCase();
}

export const CommandId = createParamDecorator((_: unknown, context: ExecutionContext): string =>
  commandIdIn(context.switchToHttp().getRequest<FastifyRequest>()),
);
