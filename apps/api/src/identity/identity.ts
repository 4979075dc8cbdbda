import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** Who asks, as the token says. */
export interface Identity {
  readonly memberId: string;
  /** The token's scope holds `operator`. */
  readonly operator: boolean;
}

const identities = new WeakMap<FastifyRequest, Identity>();

export const identify = (request: FastifyRequest, identity: Identity): void => {
  identities.set(request, identity);
};

export function identityOf(request: FastifyRequest): Identity {
  const identity = identities.get(request);
  if (identity === undefined) throw new Error('a route that asks for the member has no guard');
  return identity;
}

/** A parameter that is who asks. Only behind a guard that has found out. */
export const Member = createParamDecorator((_: unknown, context: ExecutionContext): Identity =>
  identityOf(context.switchToHttp().getRequest<FastifyRequest>()),
);
