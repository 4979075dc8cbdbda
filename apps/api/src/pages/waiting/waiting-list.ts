import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { pageOfRoute } from '../view.js';

/** The recipient's two lists, by the first segment of their addresses. */
export type WaitingList = 'inbox' | 'archive';

/** From which of them a member answers. */
export const List = createParamDecorator((_: unknown, context: ExecutionContext): WaitingList =>
  pageOfRoute(context.switchToHttp().getRequest<FastifyRequest>()) === 'archive' ? 'archive' : 'inbox',
);
