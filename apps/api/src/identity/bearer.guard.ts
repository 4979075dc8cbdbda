import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ProblemError } from '../http/problem.js';
import { LocalRateLimiter } from '../rate-limits/local-rate-limiter.js';
import { setIdentity, getIdentity } from './identity.js';
import { TokenVerifier } from './token-verifier.js';

const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i;

/** Admits requests with a valid bearer token. */
@Injectable()
export class BearerGuard implements CanActivate {
  constructor(
    private readonly verifier: TokenVerifier,
    private readonly limits: LocalRateLimiter,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const token = BEARER.exec(request.headers.authorization ?? '')?.[1];
    const identity = token === undefined ? undefined : await this.verifier.verify(token);
    if (identity === undefined)
      throw new ProblemError(401, 'UNAUTHENTICATED', { 'www-authenticate': 'Bearer' });
    setIdentity(request, identity);
    this.limits.consumeForMember(identity.memberId);
    return true;
  }
}

/** Admits operators only (D11). Must run after BearerGuard. */
@Injectable()
export class OperatorGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    if (getIdentity(context.switchToHttp().getRequest<FastifyRequest>()).operator) return true;
    throw new ProblemError(403, 'FORBIDDEN');
  }
}
