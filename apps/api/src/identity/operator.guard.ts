import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../http/problem.js';
import { identityOf } from './identity.js';

/** Behind the BearerGuard: lets in operators only (D11). */
@Injectable()
export class OperatorGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    if (identityOf(context.switchToHttp().getRequest<FastifyRequest>()).operator) return true;
    throw new Problem(403, 'FORBIDDEN');
  }
}
