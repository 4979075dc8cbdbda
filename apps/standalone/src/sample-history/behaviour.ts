import { DAY, HOUR, MINUTE } from './rhythm.js';

/*
 * How members behave, in numbers. They are assumptions, not measurements: chosen so that the history has the shapes
 * of a real one, with its long tails, and something of everything that the rules know.
 */

/** How somebody takes an invitation, by whether they know the inviter. */
export interface Temper {
  /** Answers of themselves. */
  readonly answers: number;
  /** Answers after the first, second, third reminder. */
  readonly answersReminder: readonly number[];
  /** What an answer is; the rest ignores. */
  readonly accepts: number;
  readonly replies: number;
  /** Declines after ignoring: "I don't know them". */
  readonly declines: number;
  /** Accepts later, out of the archive. */
  readonly changesMind: number;
}

export const OF_ACQUAINTANCES: Temper = {
  answers: 0.58,
  answersReminder: [0.3, 0.2, 0.12],
  accepts: 0.84,
  replies: 0.05,
  declines: 0.01,
  changesMind: 0.08,
};

export const OF_STRANGERS: Temper = {
  answers: 0.32,
  answersReminder: [0.11, 0.07, 0.05],
  accepts: 0.24,
  replies: 0.06,
  declines: 0.09,
  changesMind: 0.03,
};

/** Whether the recipient knows the inviter. */
export const KNOWN = { byMembers: 0.82, byRecruiters: 0.22 };

/** How long an answer takes: median and spread of a lognormal distribution. */
export const ANSWER = { medianMs: 17 * HOUR, sigma: 1.5 };
export const ANSWER_TO_REMINDER = { medianMs: 4 * HOUR, sigma: 1.2 };
export const DECLINE = { medianMs: 40 * MINUTE, sigma: 2 };
export const CHANGE_OF_MIND = { medianMs: 6 * DAY, sigma: 0.9 };
export const ACCEPTANCE_AFTER_REPLY = { medianMs: 2 * DAY, sigma: 1, probability: 0.5 };

/** By the link in an e-mail, not on the site. */
export const BY_EMAIL = { first: 0.52, afterReminder: 0.78 };

/** What inviters do about what stays unanswered, once an invitation. */
export const FOLLOW_UP = { probability: 0.11, fromMs: 24 * DAY, toMs: 60 * DAY };
export const WITHDRAWAL = { probability: 0.07, fromMs: 18 * DAY, toMs: 70 * DAY };
export const NEW_AFTER_WITHDRAWAL = { probability: 0.25, knowsAddress: 0.8, fromMs: DAY, toMs: 14 * DAY };

/** The recipient had the same idea, and has not seen the invitation yet. */
export const CROSSING = 0.006;

/** The next invitation, while they are at it. */
export const GOES_ON = { members: 0.5, recruiters: 0.82, fromMs: 15_000, toMs: 4 * MINUTE };
export const WITH_MESSAGE = 0.42;

/** What an operator does about a restriction. */
export const LIFTED = { probability: 0.55, fromMs: 2 * DAY, toMs: 12 * DAY };

/** How late the service's own commands are. */
export const SERVICE_DELAY = { fromMs: 40, toMs: 1_500 };
