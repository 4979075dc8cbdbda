import type { FastifyRequest } from 'fastify';
import type { VNode } from 'preact';
import type { MemberOverview } from '#libs/read-models';
import type { Texts } from '../texts/texts.js';

/** How a page is rendered for one request. */
export interface View {
  readonly texts: Texts;
  readonly now: Date;
  /** The network to which the pages belong; undefined when none is configured. */
  readonly networkName?: string | undefined;
  /** The network's logo; undefined when none is configured. */
  readonly networkLogoUrl?: string | undefined;
  /** Where members get help; undefined when no address is configured. */
  readonly supportUrl?: string | undefined;
  /** The member who is signed in; without the details where they could not be read. */
  readonly member?: ViewingMember | undefined;
  /** The path and query of the page, for the language switch; undefined for a response to a form. */
  readonly address?: string | undefined;
  /** The URL to sign in as somebody else; undefined when no sign-in URL is configured. */
  readonly otherAccount?: string | undefined;
  /** Creates the command id of a form: each submission of the same form sends the same command (D10). */
  readonly newCommandId: () => string;
}

export interface ViewingMember extends Partial<MemberOverview> {
  /** Whether the member has sent as many invitations as they can (R2). */
  readonly hasReachedLimit?: boolean;
}

/** The notice about the previous action. */
export interface NoticeMessage {
  readonly text: string;
  readonly good: boolean;
  /** Where the notice stands in a list: in the place of the invitation that it is about. */
  readonly place?: { readonly invitationId: string; readonly sentAt: string };
  /** The other member, who is named in links below the notice. */
  readonly other?: { readonly memberId: string; readonly name: string };
  /** The code of the action. */
  readonly code?: string;
}

/** Returns the first segment of the route, which names the list that a page belongs to. */
export function firstPathSegment(request: FastifyRequest): string {
  return request.routeOptions.url?.split('/')[1] ?? '';
}

/**
 * Returns where to go on after signing in, perhaps with another account: the page of a member, whom everybody may look at, or else
 * the list that the request is about, because its invitation is nothing to another account.
 */
export function pathAfterSignIn(request: FastifyRequest): string {
  const list = firstPathSegment(request);
  return list === 'invite' || list === 'members' ? request.url.split('?')[0]! : `/${list}`;
}

/** A page and its HTTP status. */
export interface PageResponse {
  readonly status: number;
  readonly page: (view: View) => VNode;
}
