import { DAY, HOUR, MINUTE } from './activity-schedule.js';

/*
 * Parameters of the members' behaviour. They are assumptions and not measurements, chosen so that the history has
 * realistic distributions with long tails, and contains every case of the rules.
 */

/** Probabilities of a recipient's reactions, which depend on whether they know the inviter. */
export interface Temperament {
  /** Responds before any reminder. */
  readonly responds: number;
  /** Responds after the first, second, third reminder. */
  readonly respondsToReminder: readonly number[];
  /** What a response is; the rest are ignores. */
  readonly accepts: number;
  readonly replies: number;
  /** Declines after ignoring: "I don't know them". */
  readonly declines: number;
  /** Accepts later, from the archive. */
  readonly acceptsLater: number;
}

export const ACQUAINTANCE_TEMPERAMENT: Temperament = {
  responds: 0.58,
  respondsToReminder: [0.3, 0.2, 0.12],
  accepts: 0.84,
  replies: 0.05,
  declines: 0.01,
  acceptsLater: 0.08,
};

export const STRANGER_TEMPERAMENT: Temperament = {
  responds: 0.32,
  respondsToReminder: [0.11, 0.07, 0.05],
  accepts: 0.24,
  replies: 0.06,
  declines: 0.09,
  acceptsLater: 0.03,
};

/** Probability that the recipient knows the inviter. */
export const ACQUAINTANCE_SHARE = { byMembers: 0.82, byRecruiters: 0.22 };

/** Median and spread of the response time, a lognormal distribution. */
export const RESPONSE_DELAY = { medianMs: 17 * HOUR, sigma: 1.5 };
export const REMINDER_RESPONSE_DELAY = { medianMs: 4 * HOUR, sigma: 1.2 };
export const DECLINE_DELAY = { medianMs: 40 * MINUTE, sigma: 2 };
export const LATER_ACCEPTANCE_DELAY = { medianMs: 6 * DAY, sigma: 0.9 };
export const ACCEPTANCE_AFTER_REPLY = { medianMs: 2 * DAY, sigma: 1, probability: 0.5 };

/** Share of acceptances by the link in an e-mail rather than on the site. */
export const EMAIL_SHARE = { first: 0.52, afterReminder: 0.78 };

/** What inviters do about an invitation without a response, once for each invitation. */
export const FOLLOW_UP = { probability: 0.11, fromMs: 24 * DAY, toMs: 60 * DAY };
export const WITHDRAWAL = { probability: 0.07, fromMs: 18 * DAY, toMs: 70 * DAY };
export const NEW_AFTER_WITHDRAWAL = { probability: 0.25, knowsAddress: 0.8, fromMs: DAY, toMs: 14 * DAY };

/** Probability that the recipient invites the inviter before seeing the invitation. */
export const CROSSING_PROBABILITY = 0.006;

/** The next invitation in the same sitting. */
export const NEXT_IN_SITTING = { members: 0.5, recruiters: 0.82, fromMs: 15_000, toMs: 4 * MINUTE };
export const MESSAGE_PROBABILITY = 0.42;

/** Whether and when an operator lifts a restriction. */
export const RESTRICTION_LIFT = { probability: 0.55, fromMs: 2 * DAY, toMs: 12 * DAY };

/** Delay of the service's own commands. */
export const SERVICE_DELAY = { fromMs: 40, toMs: 1_500 };

/** Messages of members. They are invented, and an analysis must not depend on them. */
export const MESSAGES = [
  'Hello! We met at the streaming meetup; shall we connect?',
  'I enjoyed your talk on event sourcing.',
  'We worked on the same floor for two years.',
  'Your team is looking for somebody like me, I think.',
  'I have an opening that may interest you.',
  'أهلاً، سعدت بلقائك في المؤتمر.',
];
export const REPLIES = [
  'Remind me, where did we meet?',
  'What is this about?',
  'Thank you. I am not looking for a change at present.',
  'هل يمكنك أن تخبرني بالمزيد؟',
];
export const REASONS = ['talked to the member', 'declines came from one campaign', 'first offence'];
