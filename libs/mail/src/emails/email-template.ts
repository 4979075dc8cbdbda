import type { VNode } from 'preact';
import type { Language } from '../language/language.js';
import type { Content } from '../layout/blocks.js';

/** Renders the data of one kind of e-mail to a subject and the blocks of `layout/blocks.tsx`. */
export type EmailTemplate<Data> = (
  data: Data,
  language: Language,
) => { readonly subject: string; readonly body: VNode };

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
  readonly inbox: string;
  readonly preferences: string;
}

export const COMMON_TEXTS: Readonly<Record<Language, CommonTexts>> = {
  en: {
    someone: 'A member',
    profile: (name) => ['Profile of ', name],
    accept: 'Accept the invitation',
    inbox: 'The invitation waits in your inbox',
    preferences: 'Choose which e-mails you get',
  },
  // Verbal nouns and passives throughout, because they do not depend on the gender of reader or writer.
  ar: {
    someone: 'عضو في الشبكة',
    profile: (name) => ['الملف الشخصي (', name, ')'],
    accept: 'قبول الدعوة',
    inbox: 'الدعوة في انتظارك في صندوق الوارد',
    preferences: 'اختيار الرسائل التي تصلك بالبريد الإلكتروني',
  },
};

/** A link without characters that could end it, disguise its target, or need escaping in plain text. */
const SAFE_LINK = /^https?:\/\/[^\s<>"\p{Cc}\p{Bidi_Control}]+$/iu;

/** The profile URL that the profile service publishes, unchanged; if it is not a safe http(s) URL, one built from the id. */
export function toProfileLink(profileUrl: string, memberId: string, profileBaseUrl: string): string {
  return SAFE_LINK.test(profileUrl) && URL.canParse(profileUrl) ? profileUrl : `${profileBaseUrl}${memberId}`;
}
