import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ApiConfig } from '../config.js';
import { Problem } from '../http/problem.js';

/**
 * Lets in forms of our own pages only: a cookie comes along with a form of any site. Browsers say where a form is from;
 * one that does not (or a `null` origin) is refused.
 */
@Injectable()
export class SameOriginGuard implements CanActivate {
  private readonly origin: string;

  constructor({ PUBLIC_URL }: ApiConfig) {
    this.origin = new URL(PUBLIC_URL).origin;
  }

  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<FastifyRequest>();
    const site = headers['sec-fetch-site'];
    if (site === undefined ? headers.origin === this.origin : site === 'same-origin') return true;
    throw new Problem(403, 'FORBIDDEN');
  }
}
