import type { OutcomeCode } from '#libs/contracts';
import type { PREFERENCES } from '../../preferences/email-preferences.js';
import type { NoticeCode } from '../notice-code.js';

/**
 * All that the pages say in one language. Names stand between isolates (see `isolated`), so that a name of the other
 * direction does not shuffle the sentence around it.
 */
export interface Texts {
  /** BCP 47. */
  readonly lang: 'en' | 'ar';
  readonly dir: 'ltr' | 'rtl';
  /** What the language calls itself. */
  readonly languageName: string;
  readonly languages: string;
  readonly date: (at: Date) => string;
  readonly skipToContent: string;
  readonly pages: string;

  readonly inbox: string;
  readonly inboxTitle: string;
  readonly inboxIsEmpty: string;
  readonly archive: string;
  readonly archiveTitle: string;
  readonly archiveIsEmpty: string;
  readonly sentList: string;
  readonly sentTitle: string;
  readonly sentIsEmpty: string;
  readonly older: string;
  readonly newest: string;
  readonly toInbox: string;

  readonly sentOn: string;
  readonly profileOf: (name: string) => string;
  readonly accept: string;
  readonly acceptFrom: (name: string) => string;
  readonly ignore: string;
  readonly ignoreFrom: (name: string) => string;
  readonly reply: string;
  readonly replyTo: (name: string) => string;
  readonly replyText: string;
  readonly replyHint: string;
  readonly sendReply: string;
  readonly haveReplied: string;
  readonly dontKnow: (name: string) => string;
  readonly dontKnowAdvice: string;
  readonly dontKnowConfirm: (name: string) => string;

  readonly status: Readonly<Record<'pending' | 'replied' | 'accepted' | 'withdrawn', string>>;
  readonly withdraw: string;
  readonly withdrawFrom: (name: string) => string;
  readonly withdrawText: string;
  readonly withdrawConfirm: (name: string) => string;
  readonly followUp: string;
  readonly followUpWith: (name: string) => string;
  readonly followUpText: string;
  readonly followUpMessage: string;
  readonly followUpHint: string;
  readonly followUpEmail: string;
  readonly followUpEmailHint: string;
  readonly sendFollowUp: string;
  readonly cancel: string;

  /** After an action; without a name where it is not known. */
  readonly done: Readonly<Record<NoticeCode, (name: string | undefined) => string>>;
  readonly refused: Readonly<Record<OutcomeCode, string>>;
  readonly replyNeeded: string;
  readonly charactersLeft: string;
  readonly tryAgain: string;

  readonly wantsToConnect: (name: string) => string;
  readonly connected: (name: string | undefined) => string;
  readonly notOpen: string;
  readonly notOpenText: string;
  readonly underWay: string;
  readonly underWayText: string;
  readonly lookAgain: string;

  readonly preferencesPage: string;
  readonly preferences: string;
  readonly preference: Readonly<Record<(typeof PREFERENCES)[number], string>>;
  readonly save: string;
  readonly unsubscribe: string;
  readonly unsubscribeText: string;
  readonly stop: string;
  readonly stopped: string;

  readonly signIn: string;
  readonly signInText: string;
  readonly toSignIn: string;
  readonly otherAccount: string;
  readonly notFound: string;
  readonly laterText: string;
  readonly tooManyText: string;
  readonly failed: string;
  readonly failedText: string;
}
