import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { renderToString } from 'preact-render-to-string';
import type { Queryable } from '#libs/platform';
import { findOtherName } from '#libs/read-models';
import { ApiConfig } from '../config.js';
import { DATABASE } from '../tokens.js';
import { isNoticeCode, type Notice } from './notice-code.js';
import { noNoticeCookie, noticeCookie, noticeIn } from './notice-cookie.js';
import type { PageAnswer } from './page-answer.js';
import { signInUrl } from './sign-in-url.js';
import { chooseTexts, LANGUAGE_COOKIE, textsOf } from './texts/choose-texts.js';
import type { Texts } from './texts/texts.js';
import { pageOfRoute, type Said } from './view.js';

const A_YEAR = 365 * 24 * 3600;

/** Sends pages in the reader's language, and from an action back to the page that shows what it did. */
@Injectable()
export class Pages {
  /** Cookies stay off unencrypted connections, unless there are no others. */
  private readonly secure: string;

  constructor(
    private readonly config: ApiConfig,
    @Inject(DATABASE) private readonly db: Queryable,
  ) {
    this.secure = config.PUBLIC_URL.startsWith('https:') ? '; Secure' : '';
  }

  send(reply: FastifyReply, { status, page }: PageAnswer, showsAddress = true): string {
    const { request } = reply;
    const asked = textsOf(askedLanguage(request));
    const texts = textsFor(request);
    void reply.code(status).type('text/html; charset=utf-8').header('content-language', texts.lang);
    if (asked !== undefined) {
      const cookie = `${LANGUAGE_COOKIE}=${asked.lang}; Path=/; Max-Age=${A_YEAR}; HttpOnly; SameSite=Lax`;
      void reply.header('set-cookie', cookie + this.secure);
    }
    const address = showsAddress ? request.url : undefined;
    const otherAccount = signInUrl(this.config, `/${pageOfRoute(request)}`);
    const view = { texts, address, otherAccount, newCommandId: randomUUID };
    return `<!doctype html>${renderToString(page(view))}`;
  }

  /** After an action: its page is loaded anew, so that going back or loading again repeats nothing. */
  backTo(reply: FastifyReply, href: string, notice: Notice): string {
    void reply
      .code(303)
      .header('location', href)
      .header('set-cookie', noticeCookie(notice) + this.secure);
    return '';
  }

  /** What the action before this page has to say, once. */
  async said(reply: FastifyReply, memberId: string): Promise<Said | undefined> {
    const { request } = reply;
    const notice = noticeIn(request.headers.cookie);
    if (notice === undefined) return undefined;
    void reply.header('set-cookie', noNoticeCookie() + this.secure);
    const { code, invitationId } = notice;
    const texts = textsFor(request);
    if (!isNoticeCode(code)) return { text: texts.refused[code], good: false };
    const name =
      invitationId === undefined ? undefined : await findOtherName(this.db, memberId, invitationId);
    return { text: texts.done[code](name), good: true };
  }
}

const textsFor = (request: FastifyRequest): Texts => chooseTexts(askedLanguage(request), request.headers);

const askedLanguage = (request: FastifyRequest): unknown =>
  (request.query as Record<string, unknown> | undefined)?.['lang'];
