/** The languages that e-mails are written in (D14). */
export type Language = 'en' | 'ar';

/** The language for a member's BCP 47 locale: `ar-EG` is Arabic, what is neither or missing is English. */
export const languageOf = (locale: string | null | undefined): Language =>
  /^ar([-_]|$)/i.test(locale ?? '') ? 'ar' : 'en';

export const directionOf = (language: Language): 'ltr' | 'rtl' => (language === 'ar' ? 'rtl' : 'ltr');
