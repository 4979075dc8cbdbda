import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../http/problem.js';
import { InstanceLimits } from '../limits/instance-limits.js';
import { identify } from './identity.js';
import { TokenVerifier } from './token-verifier.js';

const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i;

/** Lets in who brings a good bearer token. */
@Injectable()
export class BearerGuard implements CanActivate {
  constructor(
    private readonly verifier: TokenVerifier,
    private readonly limits: InstanceLimits,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const token = BEARER.exec(request.headers.authorization ?? '')?.[1];
    const identity = token === undefined ? undefined : await this.verifier.verify(token);
    if (identity === undefined) throw new Problem(401, 'UNAUTHENTICATED', { 'www-authenticate': 'Bearer' });
    identify(request, identity);
    this.limits.countMember(identity.memberId, Date.now());
    return true;
  }
}
