import type { SeededRandom } from './seeded-random.js';

const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const WEEK = 7 * DAY;

/** Activity in each hour of a member's day, from midnight; the busiest hour is 1. */
const HOURLY_ACTIVITY = [
  0.03, 0.02, 0.01, 0.01, 0.02, 0.06, 0.18, 0.42, 0.78, 1, 0.98, 0.88, 0.72, 0.8, 0.9, 0.86, 0.74, 0.6, 0.46,
  0.42, 0.44, 0.36, 0.2, 0.08,
];
/** Activity on each day of the week, from Sunday, as `Date` counts them. */
const DAILY_ACTIVITY = [0.3, 0.95, 1, 1, 0.95, 0.75, 0.35];

const mean = (weights: readonly number[]): number =>
  weights.reduce((sum, weight) => sum + weight, 0) / weights.length;

/** The mean activity of a week, relative to a week of the busiest hour. */
const MEAN_ACTIVITY = mean(HOURLY_ACTIVITY) * mean(DAILY_ACTIVITY);

/** Returns the probability from 0 to 1 that a member is active at a time. */
const activityAt = (at: number, utcOffsetMs: number): number => {
  const local = new Date(at + utcOffsetMs);
  return HOURLY_ACTIVITY[local.getUTCHours()]! * DAILY_ACTIVITY[local.getUTCDay()]!;
};

/**
 * Returns the next occurrence of something that a member does every `meanMs` on average: a Poisson process, thinned
 * by activity.
 */
export function nextOccurrence(
  random: SeededRandom,
  after: number,
  meanMs: number,
  utcOffsetMs: number,
): number {
  let at = after;
  do at += random.exponential(meanMs * MEAN_ACTIVITY);
  while (!random.chance(activityAt(at, utcOffsetMs)));
  return at;
}

/**
 * Returns the first time from `from` on when the member is active: what arrives at night waits for the morning, or
 * for Monday.
 */
export function nextActiveTime(random: SeededRandom, from: number, utcOffsetMs: number): number {
  return random.chance(activityAt(from, utcOffsetMs))
    ? from
    : nextOccurrence(random, from, HOUR, utcOffsetMs);
}
