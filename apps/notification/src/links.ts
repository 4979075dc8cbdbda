import { parseLinkKeys, profileLink, signLink, type LinkKeys } from '#libs/mail';
import type { NotificationConfig } from './config.js';

/** Where e-mails lead. */
export interface Links {
  profile(member: { readonly id: string; readonly profileUrl: string }): string;
  /** A signed link to a page that accepts, for that member only (R11, D12). */
  accept(memberId: string, invitationId: string): string;
  readonly inbox: string;
  readonly preferences: string;
}

export function linksOf(config: NotificationConfig, now: () => Date): Links {
  const keys: LinkKeys = parseLinkKeys(config.LINK_KEYS);
  const publicUrl = config.PUBLIC_URL.replace(/\/$/, '');
  const profileBase = (config.PROFILE_BASE_URL ?? `${publicUrl}/members`).replace(/\w$/, '$&/');
  return {
    profile: ({ id, profileUrl }) => profileLink(profileUrl, id, profileBase),
    accept(memberId, invitationId) {
      const expiresAt = new Date(now().getTime() + config.ACCEPT_LINK_VALIDITY);
      return `${publicUrl}/l/${signLink(keys, { purpose: 'accept', memberId, invitationId, expiresAt })}`;
    },
    inbox: config.INBOX_URL ?? `${publicUrl}/inbox`,
    preferences: config.PREFERENCES_URL ?? `${publicUrl}/preferences`,
  };
}
