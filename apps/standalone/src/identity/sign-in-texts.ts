/** The sign-in page's words. */
export interface SignInTexts {
  readonly lang: 'en' | 'ar';
  readonly dir: 'ltr' | 'rtl';
  readonly languageName: string;
  readonly title: string;
  readonly question: string;
  readonly explanation: string;
  readonly languages: string;
}

export const SIGN_IN_TEXTS: readonly SignInTexts[] = [
  {
    lang: 'en',
    dir: 'ltr',
    languageName: 'English',
    title: 'Sign in · sample network',
    question: 'Who are you?',
    explanation: 'This page stands in for the network’s own sign-in. It exists on this machine only.',
    languages: 'Language',
  },
  {
    lang: 'ar',
    dir: 'rtl',
    languageName: 'العربية',
    title: 'تسجيل الدخول · شبكة تجريبية',
    question: 'من أنت؟',
    explanation: 'تقوم هذه الصفحة مقام صفحة تسجيل الدخول الخاصة بالشبكة، وهي موجودة على هذا الجهاز فقط.',
    languages: 'اللغة',
  },
];

/** What the address asks for, else what was chosen on any of the service's pages, else what the browser prefers. */
export function signInTexts(
  asked: string | null,
  headers: { readonly cookie?: string | undefined; readonly 'accept-language'?: string | undefined },
): SignInTexts {
  const chosen = /(?:^|; ?)lang=([a-z]{2})(?:;|$)/.exec(headers.cookie ?? '')?.[1];
  const preferred = /\b(?:ar|en)\b/i.exec(headers['accept-language'] ?? '')?.[0].toLowerCase();
  for (const lang of [asked, chosen, preferred]) {
    const texts = SIGN_IN_TEXTS.find((known) => known.lang === lang);
    if (texts !== undefined) return texts;
  }
  return SIGN_IN_TEXTS[0]!;
}
