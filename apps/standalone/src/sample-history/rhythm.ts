import type { Random } from './random.js';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const WEEK = 7 * DAY;

/** How much members do in each hour of their day, from midnight on; the busiest is 1. */
const HOURS = [
  0.03, 0.02, 0.01, 0.01, 0.02, 0.06, 0.18, 0.42, 0.78, 1, 0.98, 0.88, 0.72, 0.8, 0.9, 0.86, 0.74, 0.6, 0.46,
  0.42, 0.44, 0.36, 0.2, 0.08,
];
/** And on each day of the week, from Sunday on, as `Date` counts them. */
const WEEKDAYS = [0.3, 0.95, 1, 1, 0.95, 0.75, 0.35];

const mean = (weights: readonly number[]): number =>
  weights.reduce((sum, weight) => sum + weight, 0) / weights.length;

/** Of what a week would come to if every hour were the liveliest. */
const LIVELY_SHARE = mean(HOURS) * mean(WEEKDAYS);

/** How likely a member is to be at it then, from 0 to 1. @param offsetMs of their local time from UTC */
const liveliness = (at: number, offsetMs: number): number => {
  const local = new Date(at + offsetMs);
  return HOURS[local.getUTCHours()]! * WEEKDAYS[local.getUTCDay()]!;
};

/** The next time of something that a member does every `meanMs` on average: a Poisson process, thinned by the hour. */
export function nextOf(random: Random, after: number, meanMs: number, offsetMs: number): number {
  let at = after;
  do at += random.exponential(meanMs * LIVELY_SHARE);
  while (!random.chance(liveliness(at, offsetMs)));
  return at;
}

/** From that time on, when the member gets round to it: what came at night waits for the morning, or Monday. */
export function whenAwake(random: Random, from: number, offsetMs: number): number {
  return random.chance(liveliness(from, offsetMs)) ? from : nextOf(random, from, HOUR, offsetMs);
}
