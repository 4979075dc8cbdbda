import type { FastifyRequest } from 'fastify';
import type { Texts } from './texts/texts.js';

/** How a page is shown to who asks for it. */
export interface View {
  readonly texts: Texts;
  /** The path and query at which the page is to be had in another language; undefined for the answer to a form only. */
  readonly address?: string | undefined;
  /** Where a member who is signed in may sign in as somebody else; undefined when nobody has told us. */
  readonly otherAccount?: string | undefined;
  /** Ids for the commands that forms send: the same for every press of the same button (D10). */
  readonly newCommandId: () => string;
}

/** What is said about the action before. */
export interface Said {
  readonly text: string;
  readonly good: boolean;
}

/** The list to which a page belongs: the first segment of its address. */
export function pageOfRoute(request: FastifyRequest): string {
  return request.routeOptions.url?.split('/')[1] ?? '';
}
