import { INVITATION_ID } from '#libs/contracts';
import { isNoticeCode, isRefusalCode, type Notice } from './notice-code.js';

/**
 * What an action has to say survives the redirect after it in a cookie, not in the address: nobody can link to a page
 * that claims what did not happen, and a page that is loaded again does not say it again.
 */
const NAME = 'notice';

const PRESENT = new RegExp(`(?:^|; ?)${NAME}=([A-Za-z_-]+)(?:~([A-Za-z0-9_.-]+))?(?:;|$)`);

/** For as long as a redirect takes. In seconds. */
const LIFE = 60;

export const noticeCookie = ({ code, invitationId }: Notice): string =>
  cookie(invitationId === undefined ? code : `${code}~${invitationId}`, LIFE);

export const noNoticeCookie = (): string => cookie('', 0);

const cookie = (value: string, maxAge: number) =>
  `${NAME}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Strict`;

export function noticeIn(header: string | undefined): Notice | undefined {
  const [, code, id] = PRESENT.exec(header ?? '') ?? [];
  if (code === undefined || !(isNoticeCode(code) || isRefusalCode(code))) return undefined;
  return { code, invitationId: id !== undefined && INVITATION_ID.test(id) ? id : undefined };
}
