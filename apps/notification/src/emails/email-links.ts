import {
  parseLinkKeys,
  toProfileLink,
  signLink,
  type EmailKind,
  type LinkClaims,
  type LinkKeys,
} from '#libs/mail';

/** The part of the configuration that decides where e-mails link to. Durations are in milliseconds. */
export interface EmailLinkSettings {
  readonly PUBLIC_URL: string;
  readonly LINK_KEYS: string;
  readonly PROFILE_BASE_URL?: string;
  readonly INBOX_URL?: string;
  readonly PREFERENCES_URL?: string;
  readonly ACCEPT_LINK_VALIDITY: number;
  readonly PREFERENCES_LINK_VALIDITY: number;
}

/** The links in e-mails (R7). */
export interface EmailLinks {
  profile(member: { readonly id: string; readonly profileUrl: string }): string;
  /**
   * A signed link to a page where that member, and nobody else, can accept (R11, D12).
   * @param openAt when the invitation was open; ISO 8601
   */
  accept(memberId: string, invitationId: string, openAt: string): string;
  readonly inbox: string;
  /** Where that member chooses their e-mails: a signed link that needs no login, or PREFERENCES_URL. */
  preferences(memberId: string): string;
  /** A signed link that turns off one kind of e-mail for that member (RFC 8058). */
  unsubscribe(memberId: string, kind: EmailKind): string;
}

export function createEmailLinks(settings: EmailLinkSettings, now: () => Date): EmailLinks {
  const keys: LinkKeys = parseLinkKeys(settings.LINK_KEYS);
  const publicUrl = settings.PUBLIC_URL.replace(/\/$/, '');
  const profileBase = (settings.PROFILE_BASE_URL ?? `${publicUrl}/members`).replace(/\w$/, '$&/');
  const after = (ms: number): Date => new Date(now().getTime() + ms);
  const signedLink = (claims: LinkClaims): string => `${publicUrl}/l/${signLink(keys, claims)}`;
  return {
    profile: ({ id, profileUrl }) => toProfileLink(profileUrl, id, profileBase),
    accept(memberId, invitationId, openAt) {
      const expiresAt = after(settings.ACCEPT_LINK_VALIDITY);
      return signedLink({
        purpose: 'accept',
        memberId,
        invitationId,
        openAt: new Date(openAt),
        expiresAt,
      });
    },
    inbox: settings.INBOX_URL ?? `${publicUrl}/inbox`,
    preferences(memberId) {
      const expiresAt = after(settings.PREFERENCES_LINK_VALIDITY);
      return settings.PREFERENCES_URL ?? signedLink({ purpose: 'preferences', memberId, expiresAt });
    },
    unsubscribe(memberId, kind) {
      const expiresAt = after(settings.PREFERENCES_LINK_VALIDITY);
      return signedLink({ purpose: 'unsubscribe', memberId, kind, expiresAt });
    },
  };
}
