import type { FastifyReply } from 'fastify';
import type { VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';

/** A page and the status that it comes with. */
export interface PageAnswer {
  readonly status: number;
  readonly page: VNode;
}

export function sendPage(reply: FastifyReply, { status, page }: PageAnswer): string {
  void reply.code(status).type('text/html; charset=utf-8');
  return `<!doctype html>${renderToString(page)}`;
}
