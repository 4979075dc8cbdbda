import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { firstPathSegment } from '../layout/view.js';

/** The recipient's two lists, named by the first segment of their paths. */
export type ReceivedList = 'inbox' | 'archive';

/** Injects the list from which a member responds. */
export const CurrentList = createParamDecorator((_: unknown, context: ExecutionContext): ReceivedList =>
  firstPathSegment(context.switchToHttp().getRequest<FastifyRequest>()) === 'archive' ? 'archive' : 'inbox',
);
