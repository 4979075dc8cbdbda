import { randomUUID } from 'node:crypto';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { UUID } from '#libs/contracts';
import { invalid } from '../http/problem.js';

/**
 * The command's id that a request names, or a new one (D10).
 * @throws Problem 400 for one that is no UUID
 */
export function commandIdIn({ headers }: Pick<FastifyRequest, 'headers'>): string {
  const key = headers['idempotency-key'];
  if (key === undefined) return randomUUID();
  if (typeof key !== 'string' || !UUID.test(key)) throw invalid('Idempotency-Key must be a UUID');
  return key.toLowerCase();
}

export const CommandId = createParamDecorator((_: unknown, context: ExecutionContext): string =>
  commandIdIn(context.switchToHttp().getRequest<FastifyRequest>()),
);
