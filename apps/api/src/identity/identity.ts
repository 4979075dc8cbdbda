import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** The authenticated member of a request. */
export interface Identity {
  readonly memberId: string;
  /** Whether the token's scope contains `operator`. */
  readonly operator: boolean;
}

const identities = new WeakMap<FastifyRequest, Identity>();

export const setIdentity = (request: FastifyRequest, identity: Identity): void => {
  identities.set(request, identity);
};

/** Forgets who is signed in, for the rest of the request. */
export const clearIdentity = (request: FastifyRequest): void => {
  identities.delete(request);
};

export const findIdentity = (request: FastifyRequest): Identity | undefined => identities.get(request);

export function getIdentity(request: FastifyRequest): Identity {
  const identity = identities.get(request);
  if (identity === undefined)
    throw new Error('a route with @CurrentMember() needs a guard that authenticates');
  return identity;
}

/** Injects the authenticated member. The route needs a guard that authenticates. */
export const CurrentMember = createParamDecorator((_: unknown, context: ExecutionContext): Identity =>
  getIdentity(context.switchToHttp().getRequest<FastifyRequest>()),
);
