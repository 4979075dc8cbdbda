import { REFUSAL_CODES, type OutcomeCode } from '#libs/contracts';

/** What a page may say of the action before it. */
export const NOTICE_CODES = [
  'accepted',
  'replied',
  'ignored',
  'declined',
  'withdrawn',
  'followed-up',
  'saved',
] as const;

export type NoticeCode = (typeof NOTICE_CODES)[number];

/** One of a few codes, never a text: what a page says is for the page to know. */
export interface Notice {
  readonly code: NoticeCode | OutcomeCode;
  /** Of what it says it. */
  readonly invitationId?: string | undefined;
}

export const isNoticeCode = (code: string): code is NoticeCode =>
  (NOTICE_CODES as readonly string[]).includes(code);

export const isRefusalCode = (code: string): code is OutcomeCode =>
  (REFUSAL_CODES as readonly string[]).includes(code);
