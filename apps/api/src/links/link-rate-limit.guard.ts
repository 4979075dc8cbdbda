import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DistributedRateLimiter } from '../rate-limits/distributed-rate-limiter.js';
import { LinkVerifier } from './link.js';

/**
 * Limits submissions of the pages behind e-mail links. An invalid link consumes nothing shared: the database stores
 * no row for forged links, and nobody without a link can use up what others at that address have left.
 */
@Injectable()
export class LinkRateLimitGuard implements CanActivate {
  constructor(
    private readonly links: LinkVerifier,
    private readonly limits: DistributedRateLimiter,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { ip, params } = context.switchToHttp().getRequest<FastifyRequest<{ Params: { token: string } }>>();
    if (this.links.verify(params.token) !== undefined) await this.limits.consumeForLink(ip, params.token);
    return true;
  }
}
