import {
  parseLinkKeys,
  toProfileLink,
  signLink,
  type EmailKind,
  type Language,
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

/** The links in e-mails (R7). Those to our pages carry the e-mail's language. */
export interface EmailLinks {
  profile(member: { readonly id: string; readonly profileUrl: string }): string;
  /**
   * A signed link to a page where that member, and nobody else, can accept (R11, D12).
   * @param openAt when the invitation was open; ISO 8601
   */
  accept(memberId: string, invitationId: string, openAt: string, language: Language): string;
  inbox(language: Language): string;
  /** Where the recipient replies or ignores; undefined if INBOX_URL leads to other pages than ours. */
  answer(invitationId: string, answer: 'reply' | 'ignore', language: Language): string | undefined;
  /** Where the inviter sees what they sent; undefined if INBOX_URL leads to other pages than ours. */
  sent(language: Language): string | undefined;
  /** Where that member chooses their e-mails: a signed link that needs no login, or PREFERENCES_URL. */
  preferences(memberId: string, language: Language): string;
  /** A signed link that turns off one kind of e-mail for that member (RFC 8058). */
  unsubscribe(memberId: string, kind: EmailKind, language: Language): string;
}

export function createEmailLinks(settings: EmailLinkSettings, now: () => Date): EmailLinks {
  const keys: LinkKeys = parseLinkKeys(settings.LINK_KEYS);
  const publicUrl = settings.PUBLIC_URL.replace(/\/$/, '');
  const profileBase = (settings.PROFILE_BASE_URL ?? `${publicUrl}/members`).replace(/\w$/, '$&/');
  const after = (ms: number): Date => new Date(now().getTime() + ms);
  const page = (path: string, language: Language): string => `${publicUrl}${path}?lang=${language}`;
  const signedLink = (claims: LinkClaims, language: Language): string =>
    page(`/l/${signLink(keys, claims)}`, language);
  const hasOwnInbox = settings.INBOX_URL === undefined;
  return {
    profile: ({ id, profileUrl }) => toProfileLink(profileUrl, id, profileBase),
    accept(memberId, invitationId, openAt, language) {
      const expiresAt = after(settings.ACCEPT_LINK_VALIDITY);
      const claims = { memberId, invitationId, openAt: new Date(openAt), expiresAt };
      return signedLink({ purpose: 'accept', ...claims }, language);
    },
    inbox: (language) => settings.INBOX_URL ?? page('/inbox', language),
    answer: (invitationId, answer, language) =>
      hasOwnInbox ? page(`/inbox/${invitationId}/${answer}`, language) : undefined,
    sent: (language) => (hasOwnInbox ? page('/sent', language) : undefined),
    preferences(memberId, language) {
      const expiresAt = after(settings.PREFERENCES_LINK_VALIDITY);
      return (
        settings.PREFERENCES_URL ?? signedLink({ purpose: 'preferences', memberId, expiresAt }, language)
      );
    },
    unsubscribe(memberId, kind, language) {
      const expiresAt = after(settings.PREFERENCES_LINK_VALIDITY);
      return signedLink({ purpose: 'unsubscribe', memberId, kind, expiresAt }, language);
    },
  };
}
