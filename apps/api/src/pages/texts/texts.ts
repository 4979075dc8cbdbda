import { type OutcomeCode, REFUSAL_CODES } from '#libs/contracts';
import type { PREFERENCE_NAMES } from '../../preferences/preferences.dto.js';

/**
 * All texts of the pages in one language. Names are isolated (see `isolate`), so that a name of the other direction
 * does not reorder the sentence around it.
 */
export interface Texts {
  /** BCP 47. */
  readonly lang: 'en' | 'ar';
  readonly dir: 'ltr' | 'rtl';
  /** The name of the language in that language. */
  readonly languageName: string;
  readonly languages: string;
  readonly date: (at: Date) => string;
  /** How long ago, such as "3 days ago", or the date if that is more than a month ago. */
  readonly ago: (at: Date, now: Date) => string;
  readonly count: (count: number) => string;
  readonly skipToContent: string;
  /** What the pages are about; stands for the network's name where none is configured. */
  readonly pages: string;
  readonly signOut: string;
  readonly signedOut: string;
  readonly signedOutText: string;

  readonly inbox: string;
  readonly inboxTitle: string;
  readonly inboxIsEmpty: string;
  readonly archive: string;
  readonly archiveTitle: string;
  readonly archiveIsEmpty: string;
  readonly sentList: string;
  readonly sentTitle: string;
  readonly sentIsEmpty: string;
  readonly connections: string;
  readonly connectionsTitle: string;
  readonly connectionsIsEmpty: string;
  readonly connectedSince: string;
  readonly isConnected: string;
  readonly older: string;
  readonly newest: string;
  /** Ends a search. */
  readonly showAll: string;
  readonly search: string;
  readonly searchLabel: string;
  readonly nothingFound: string;
  readonly toInbox: string;
  readonly toArchive: string;
  readonly toSent: string;
  /** The label of a badge, which shows only the number. */
  readonly waiting: (count: number) => string;
  readonly newInvitations: (count: number) => string;
  readonly show: string;

  readonly received: string;
  readonly sentOn: string;
  readonly followedUpOn: string;
  readonly profileOf: (name: string) => string;
  readonly inCommon: (count: number) => string;
  readonly accept: string;
  readonly acceptFrom: (name: string) => string;
  readonly restore: string;
  readonly restoreFrom: (name: string) => string;
  readonly undo: string;
  readonly undoIgnoring: (name: string) => string;
  readonly ignore: string;
  readonly ignoreFrom: (name: string) => string;
  readonly ignoreText: (name: string) => string;
  readonly reply: string;
  readonly replyTo: (name: string) => string;
  readonly replyText: string;
  readonly replyHint: string;
  readonly sendReply: string;
  readonly haveReplied: string;
  readonly dontKnow: (name: string) => string;
  readonly dontKnowAdvice: string;
  readonly dontKnowConfirm: (name: string) => string;

  readonly status: Readonly<
    Record<'pending' | 'replied' | 'accepted' | 'withdrawn' | 'expired' | 'superseded', string>
  >;
  /** Opens the earlier invitations to the same member. */
  readonly earlier: (count: number) => string;
  readonly replyFrom: (name: string) => string;
  readonly withdraw: string;
  readonly withdrawFrom: (name: string) => string;
  readonly withdrawText: (name: string) => string;
  readonly withdrawConfirm: (name: string) => string;
  readonly followUp: string;
  readonly followUpWith: (name: string) => string;
  readonly hasInvited: (name: string) => string;
  readonly invite: string;
  readonly inviteMember: (name: string) => string;
  readonly inviteAgain: string;
  readonly inviteAgainTo: (name: string) => string;
  readonly followUpText: string;
  readonly followUpMessage: string;
  readonly followUpHint: string;
  readonly followUpEmail: string;
  readonly followUpEmailHint: string;
  readonly sendFollowUp: string;
  readonly cancel: string;

  /** Texts after an action; the name is undefined where it is not known. */
  readonly done: Readonly<Record<NoticeCode, (name: string | undefined) => string>>;
  readonly refused: Readonly<Record<OutcomeCode, string>>;
  /** Stands before a text that came too late. */
  readonly notSent: string;
  readonly replyNeeded: string;
  /** Both numbers stand where no word has to agree with them. */
  readonly tooLong: (limit: number, over: number) => string;
  /** While the text fits; `#` is the number of characters. */
  readonly charactersLeft: string;
  /** Once the text is too long; `#` is the number of characters. */
  readonly charactersOver: string;
  readonly tryAgain: string;
  /** Stands before a link with the text `support`. */
  readonly restricted: string;
  readonly support: string;

  readonly wantsToConnect: (name: string) => string;
  readonly connected: (name: string | undefined) => string;
  readonly otherAnswers: string;
  readonly notOpen: string;
  readonly notOpenText: string;
  readonly underWay: string;
  readonly underWayText: string;
  readonly lookAgain: string;
  /** For whom the page of a link is. */
  readonly linkOf: (name: string, address: string | undefined) => string;

  readonly preferencesPage: string;
  readonly preferences: string;
  readonly preference: Readonly<Record<(typeof PREFERENCE_NAMES)[number], string>>;
  readonly kindsOfEmail: string;
  readonly save: string;
  readonly unsubscribe: Readonly<Record<(typeof PREFERENCE_NAMES)[number], string>>;
  readonly unsubscribeText: string;
  readonly stop: string;
  readonly stopped: Readonly<Record<(typeof PREFERENCE_NAMES)[number], string>>;
  readonly resume: string;
  readonly resumed: string;
  readonly otherPreferences: string;

  readonly signIn: string;
  readonly signInText: string;
  readonly toSignIn: string;
  readonly otherAccount: string;
  readonly notFound: string;
  readonly notFoundText: string;
  readonly laterText: string;
  readonly tooManyText: string;
  readonly failed: string;
  readonly failedText: string;
}

/** Codes of the notices that a page may show after a successful action. */
const NOTICE_CODES = [
  'accepted',
  'replied',
  'ignored',
  'restored',
  'declined',
  'withdrawn',
  'followed-up',
  'saved',
] as const;

export type NoticeCode = (typeof NOTICE_CODES)[number];

/**
 * The result of an action, shown on the next page. A code and never a text, so that only the page decides what it
 * says.
 */
export interface Notice {
  readonly code: NoticeCode | OutcomeCode;
  /** The invitation that the notice is about. */
  readonly invitationId?: string | undefined;
}

export const isNoticeCode = (code: string): code is NoticeCode =>
  (NOTICE_CODES as readonly string[]).includes(code);

export const isRefusalCode = (code: string): code is OutcomeCode =>
  (REFUSAL_CODES as readonly string[]).includes(code);
