import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { renderToString } from 'preact-render-to-string';
import { hasReachedInvitationLimit } from '#libs/account-state';
import type { Queryable } from '#libs/platform';
import { findCounterpart, findMemberOverview } from '#libs/read-models';
import { NOW, POOL } from '#libs/service';
import { ApiConfig } from '../../config/api.config.js';
import { findIdentity } from '../../identity/identity.js';
import { isNoticeCode, type Notice, type Texts } from '../texts/texts.js';
import {
  type PageResponse,
  pathAfterSignIn,
  type NoticeMessage,
  type ViewingMember,
} from '../layout/view.js';
import { chooseTexts, LANGUAGE_COOKIE, findTexts } from '../texts/choose-texts.js';
import { clearNoticeCookie, createNoticeCookie, parseNoticeCookie } from './notice-cookie.js';

const YEAR_SECONDS = 365 * 24 * 3600;

/** Renders pages in the reader's language, and redirects after an action to the page that shows the result. */
@Injectable()
export class PageRenderer {
  /** `; Secure`, unless the public URL is not encrypted. */
  private readonly secure: string;

  constructor(
    private readonly config: ApiConfig,
    @Inject(POOL) private readonly db: Queryable,
    @Inject(NOW) private readonly now: () => Date,
  ) {
    this.secure = config.PUBLIC_URL.startsWith('https:') ? '; Secure' : '';
  }

  async render(reply: FastifyReply, { status, page }: PageResponse, showsAddress = true): Promise<string> {
    const { request } = reply;
    const asked = findTexts(requestedLanguage(request));
    const texts = textsFor(request);
    void reply.code(status).type('text/html; charset=utf-8').header('content-language', texts.lang);
    if (asked !== undefined) {
      const cookie = `${LANGUAGE_COOKIE}=${asked.lang}; Path=/; Max-Age=${YEAR_SECONDS}; HttpOnly; SameSite=Lax`;
      void reply.header('set-cookie', cookie + this.secure);
    }
    const view = {
      texts,
      now: this.now(),
      networkName: this.config.NETWORK_NAME,
      networkLogoUrl: this.config.NETWORK_LOGO_URL,
      supportUrl: this.config.SUPPORT_URL,
      member: await this.readViewer(request),
      address: showsAddress ? request.url : undefined,
      otherAccount: createSignInUrl(this.config, pathAfterSignIn(request)),
      newCommandId: randomUUID,
    };
    return `<!doctype html>${renderToString(page(view))}`;
  }

  /** Returns undefined where nobody is signed in. A page is shown even where the database cannot be read. */
  private async readViewer(request: FastifyRequest): Promise<ViewingMember | undefined> {
    const identity = findIdentity(request);
    if (identity === undefined) return undefined;
    const { memberId } = identity;
    const [overview, hasReachedLimit] = await Promise.all([
      findMemberOverview(this.db, memberId).catch(() => ({})),
      hasReachedInvitationLimit(this.db, memberId, this.config.INVITATION_LIMIT).catch(() => false),
    ]);
    return { ...overview, hasReachedLimit };
  }

  /**
   * Redirects to a page after an action, so that going back or reloading repeats nothing. The page then shows the
   * notice.
   */
  redirect(reply: FastifyReply, href: string, notice: Notice): string {
    void reply
      .code(303)
      .header('location', href)
      .header('set-cookie', createNoticeCookie(notice) + this.secure);
    return '';
  }

  /** Returns the notice of the previous action and clears it. */
  async takeNotice(reply: FastifyReply, memberId: string): Promise<NoticeMessage | undefined> {
    const { request } = reply;
    const notice = parseNoticeCookie(request.headers.cookie);
    if (notice === undefined) return undefined;
    void reply.header('set-cookie', clearNoticeCookie() + this.secure);
    const { code, invitationId } = notice;
    const texts = textsFor(request);
    if (!isNoticeCode(code)) return { text: texts.refused[code], good: false };
    const counterpart =
      invitationId === undefined ? undefined : await findCounterpart(this.db, memberId, invitationId);
    const sentAt = counterpart?.sentAt;
    return {
      code,
      text: texts.done[code](counterpart?.name),
      good: true,
      ...(invitationId === undefined || sentAt === undefined ? {} : { place: { invitationId, sentAt } }),
      ...(counterpart === undefined ? {} : { other: counterpart }),
    };
  }
}

export const textsFor = (request: FastifyRequest): Texts =>
  chooseTexts(requestedLanguage(request), request.headers);

const requestedLanguage = (request: FastifyRequest): unknown =>
  (request.query as Record<string, unknown> | undefined)?.['lang'];

/**
 * Creates the sign-in URL; undefined when none is configured.
 * @param path of the page to return to
 */
export function createSignInUrl(config: ApiConfig, path: string): string | undefined {
  if (config.SIGN_IN_URL === undefined) return undefined;
  const url = new URL(config.SIGN_IN_URL);
  const home = new URL('/', config.PUBLIC_URL);
  const back = new URL(path, home);
  // A path such as `//host` names another host.
  url.searchParams.set('return', (back.origin === home.origin ? back : home).href);
  return url.href;
}
