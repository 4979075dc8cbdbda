import { SeededRandom } from '../../../support/seeded-random.js';

/** A change of a member's preferences. */
export type Wish = 'nothing' | 'no reminders' | 'no invitations' | 'all again';

/** What happens to an invitation, and when: in weeks after the open invitation was sent. */
export interface Step {
  readonly week: number;
  readonly what: 'accept' | 'reply' | 'ignore' | 'decline' | 'withdraw' | 'follow up' | 'invite again' | Wish;
}

/** One inviter and one recipient, from the first invitation on. No recipient is in two scenarios. */
export interface Scenario {
  readonly inviter: string;
  readonly recipient: string;
  readonly steps: readonly Step[];
}

/**
 * Members with preferences that are set before anything is sent. Reminders are due also for an invitation whose e-mail
 * was suppressed.
 */
export const WISHES: Readonly<Record<string, Wish>> = {
  'wants-nothing': 'nothing',
  'wants-no-reminders': 'no reminders',
  'wants-no-invitations': 'no invitations',
};

/** This inviter gets no e-mails about acceptances (R13). */
export const MUTE = 'inviter-mute';
const INVITERS = [MUTE, ...Array.from({ length: 9 }, (_, n) => `inviter-${n}`)];

type What = Step['what'];

/** Possible series of steps. Their times are random: between two reminders, or before the first. */
const STORIES: readonly (readonly What[])[] = [
  [],
  ['accept'],
  ['reply'],
  ['reply', 'accept'],
  ['ignore'],
  ['ignore', 'accept'],
  ['ignore', 'reply'],
  ['ignore', 'decline'],
  ['ignore', 'follow up'],
  ['ignore', 'withdraw'],
  ['withdraw'],
  ['withdraw', 'invite again'],
  ['follow up'],
  ['follow up', 'ignore'],
  ['follow up', 'accept'],
  ['follow up', 'follow up'],
];

/** Generates several scenarios for each series at random times, and for members who change their preferences. */
export function generateScenarios(seed: number, times: number): readonly Scenario[] {
  const random = new SeededRandom(seed);
  const stories = [
    ...Array.from({ length: times }, () => STORIES).flat(),
    ...Object.keys(WISHES).map(() => []),
    ['nothing'],
    ['no reminders'],
    ['no reminders', 'all again'],
    ['no invitations', 'follow up'],
  ] as readonly (readonly What[])[];
  const wishful = Object.keys(WISHES);
  return stories.map((story, n) => ({
    inviter: n < INVITERS.length * 2 ? INVITERS[n % INVITERS.length]! : random.pick(INVITERS),
    recipient: wishful[n - times * STORIES.length] ?? `recipient-${n}`,
    steps: timed(story, random),
  }));
}

/**
 * Times are half-way between two reminders. A new invitation comes before the second reminder, so that eight weeks
 * suffice.
 */
function timed(story: readonly What[], random: SeededRandom): readonly Step[] {
  let week = 0;
  return story.map((what, index) => {
    const isLast = index === story.length - 1;
    const startsAnew = what === 'follow up' || what === 'invite again';
    const latest = startsAnew ? 1 : isLast ? 3 : 1;
    week = Math.max(week, 0.4 + index * 0.15 + random.below(latest + 1));
    if (startsAnew) week = Math.min(week, 1.7);
    const step = { what, week };
    if (startsAnew) week = 0;
    return step;
  });
}
