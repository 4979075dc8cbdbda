import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { SharedLimits } from './shared-limits.js';

/** Slows down who presses the buttons behind the e-mails' links again and again, or tries out links. */
@Injectable()
export class PressLimitGuard implements CanActivate {
  constructor(private readonly limits: SharedLimits) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { ip, params } = context.switchToHttp().getRequest<FastifyRequest<{ Params: { token: string } }>>();
    await this.limits.countPress(ip, params.token);
    return true;
  }
}
