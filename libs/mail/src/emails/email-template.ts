import type { VNode } from 'preact';
import { toLines, toVisibleLine } from '../language/clean-text.js';
import type { Language } from '../language/language.js';
import type { Content } from '../layout/layout.js';

/**
 * Renders the data of one kind of e-mail to a subject, the text that mail programs show beside it, and the blocks of
 * `layout/layout.tsx`.
 */
export type EmailTemplate<Data> = (
  data: Data,
  language: Language,
) => { readonly subject: string; readonly preheader: string; readonly body: VNode };

/** What every e-mail gets. */
export interface CommonData {
  readonly preferencesUrl: string;
  /** The name of the network; undefined when none is configured. */
  readonly networkName?: string | undefined;
  /** Where mail programs load the network's logo from; undefined when none is configured. */
  readonly logoUrl?: string | undefined;
}

/** The most characters that mail programs show beside a subject. */
const PREHEADER_LENGTH = 140;

/** A member's message on one line, cut at the length of a pre-header; the fallback if a reader would see nothing of it. */
export function toPreheader(message: string, fallback: string): string {
  const line = toVisibleLine(toLines(message).join(' '), fallback);
  const characters = Array.from(line);
  return characters.length <= PREHEADER_LENGTH
    ? line
    : `${characters.slice(0, PREHEADER_LENGTH - 1).join('')}…`;
}

/** The member whom an e-mail is about. */
export interface Person {
  readonly name: string;
  /** May be empty. */
  readonly headline: string;
  readonly profileUrl: string;
}

/** Texts that several kinds of e-mail share. */
export interface CommonTexts {
  /** Replaces a name of which a reader would see nothing. */
  readonly someone: string;
  profile(name: Content): Content;
  readonly accept: string;
  readonly reply: string;
  readonly notNow: string;
  readonly inbox: string;
  readonly sent: string;
  readonly preferences: string;
}

export const COMMON_TEXTS: Readonly<Record<Language, CommonTexts>> = {
  en: {
    someone: 'A member',
    profile: (name) => ['View ', name, '’s profile'],
    accept: 'Accept the invitation',
    reply: 'Reply',
    notNow: 'Not now',
    inbox: 'Open it in your inbox',
    sent: 'Open it in your sent invitations',
    preferences: 'Unsubscribe or change e-mail settings',
  },
  // Verbal nouns and passives throughout, because they do not depend on the gender of reader or writer.
  ar: {
    someone: 'عضو في الشبكة',
    profile: (name) => ['عرض الملف الشخصي: ', name],
    accept: 'قبول الدعوة',
    reply: 'رد',
    notNow: 'ليس الآن',
    inbox: 'عرض الدعوة في صندوق الوارد',
    sent: 'عرض الدعوة ضمن الدعوات المرسلة',
    preferences: 'إلغاء الاشتراك أو تعديل إشعارات البريد',
  },
};

/** A link without characters that could end it, disguise its target, or need escaping in plain text. */
const SAFE_LINK = /^https?:\/\/[^\s<>"\p{Cc}\p{Bidi_Control}]+$/iu;

/** The profile URL that the profile service publishes, unchanged; if it is not a safe http(s) URL, one built from the id. */
export function toProfileLink(profileUrl: string, memberId: string, profileBaseUrl: string): string {
  return SAFE_LINK.test(profileUrl) && URL.canParse(profileUrl) ? profileUrl : `${profileBaseUrl}${memberId}`;
}
