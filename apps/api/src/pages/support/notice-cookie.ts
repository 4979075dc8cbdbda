import { INVITATION_ID } from '#libs/contracts';
import { isNoticeCode, isRefusalCode, type Notice } from '../texts/texts.js';

/**
 * Stores a notice across the redirect in a cookie and not in the URL: nobody can link to a page that claims something
 * that did not happen, and a reload does not show the notice again.
 */
const NAME = 'notice';

const COOKIE_PATTERN = new RegExp(`(?:^|; ?)${NAME}=([A-Za-z_-]+)(?:~([A-Za-z0-9_.-]+))?(?:;|$)`);

/** In seconds; long enough for a redirect. */
const MAX_AGE_SECONDS = 60;

export const createNoticeCookie = ({ code, invitationId }: Notice): string =>
  formatCookie(invitationId === undefined ? code : `${code}~${invitationId}`, MAX_AGE_SECONDS);

export const clearNoticeCookie = (): string => formatCookie('', 0);

const formatCookie = (value: string, maxAge: number) =>
  `${NAME}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Strict`;

export function parseNoticeCookie(header: string | undefined): Notice | undefined {
  const [, code, id] = COOKIE_PATTERN.exec(header ?? '') ?? [];
  if (code === undefined || !(isNoticeCode(code) || isRefusalCode(code))) return undefined;
  return { code, invitationId: id !== undefined && INVITATION_ID.test(id) ? id : undefined };
}
