import type { Language } from '../language/language.js';
import type { Part } from '../layout/blocks.js';

/** What more than one kind of e-mail says, in the same words. */
export interface CommonWords {
  /** For a member whose name is empty once it is cleaned. */
  readonly someone: string;
  profile(name: Part): Part;
  readonly accept: string;
  readonly inbox: string;
  readonly preferences: string;
}

export const COMMON_WORDS: Readonly<Record<Language, CommonWords>> = {
  en: {
    someone: 'A member',
    profile: (name) => ['Profile of ', name],
    accept: 'Accept the invitation',
    inbox: 'The invitation waits in your inbox',
    preferences: 'Choose which e-mails you get',
  },
  // Verbal nouns and passives throughout: they do not say whether reader or writer is a man or a woman.
  ar: {
    someone: 'عضو في الشبكة',
    profile: (name) => ['الملف الشخصي (', name, ')'],
    accept: 'قبول الدعوة',
    inbox: 'الدعوة في انتظارك في صندوق الوارد',
    preferences: 'اختيار الرسائل التي تصلك بالبريد الإلكتروني',
  },
};
