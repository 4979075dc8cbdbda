import {
  parseLinkKeys,
  profileLink,
  signLink,
  type EmailKind,
  type LinkClaims,
  type LinkKeys,
} from '#libs/mail';
import type { NotificationConfig } from './config.js';

/** Where e-mails lead. */
export interface Links {
  profile(member: { readonly id: string; readonly profileUrl: string }): string;
  /** A signed link to a page that accepts, for that member only (R11, D12). */
  accept(memberId: string, invitationId: string): string;
  readonly inbox: string;
  /** Where that member chooses which e-mails they get: a signed link, good without a login, or a page of others. */
  preferences(memberId: string): string;
  /** A signed link that ends one kind of e-mail for that member (RFC 8058). */
  unsubscribe(memberId: string, kind: EmailKind): string;
}

export function linksOf(config: NotificationConfig, now: () => Date): Links {
  const keys: LinkKeys = parseLinkKeys(config.LINK_KEYS);
  const publicUrl = config.PUBLIC_URL.replace(/\/$/, '');
  const profileBase = (config.PROFILE_BASE_URL ?? `${publicUrl}/members`).replace(/\w$/, '$&/');
  const inMs = (ms: number): Date => new Date(now().getTime() + ms);
  const signed = (claims: LinkClaims): string => `${publicUrl}/l/${signLink(keys, claims)}`;
  return {
    profile: ({ id, profileUrl }) => profileLink(profileUrl, id, profileBase),
    accept(memberId, invitationId) {
      const expiresAt = inMs(config.ACCEPT_LINK_VALIDITY);
      return signed({ purpose: 'accept', memberId, invitationId, expiresAt });
    },
    inbox: config.INBOX_URL ?? `${publicUrl}/inbox`,
    preferences(memberId) {
      const expiresAt = inMs(config.PREFERENCES_LINK_VALIDITY);
      return config.PREFERENCES_URL ?? signed({ purpose: 'preferences', memberId, expiresAt });
    },
    unsubscribe(memberId, kind) {
      const expiresAt = inMs(config.PREFERENCES_LINK_VALIDITY);
      return signed({ purpose: 'unsubscribe', memberId, kind, expiresAt });
    },
  };
}
