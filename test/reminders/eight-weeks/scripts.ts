import { Chance } from '../../chaos/chance.js';

/** Preferences that a member turns off, or on again. */
export type Wish = 'nothing' | 'no reminders' | 'no invitations' | 'all again';

/** What happens to an invitation, and when: in weeks after the sending of the one that is then open. */
export interface Step {
  readonly week: number;
  readonly what: 'accept' | 'reply' | 'ignore' | 'decline' | 'withdraw' | 'follow up' | 'invite again' | Wish;
}

/** One inviter and one recipient, from the first invitation on. No recipient has two of them. */
export interface Script {
  readonly inviter: string;
  readonly recipient: string;
  readonly steps: readonly Step[];
}

/** Members whose wishes stand before anything is sent. Reminders of an invitation that nobody announced are due as well. */
export const WISHES: Readonly<Record<string, Wish>> = {
  'wants-nothing': 'nothing',
  'wants-no-reminders': 'no reminders',
  'wants-no-invitations': 'no invitations',
};

/** Gets no e-mail about what becomes of their invitations (R13). */
export const MUTE = 'inviter-mute';
const INVITERS = [MUTE, ...Array.from({ length: 9 }, (_, n) => `inviter-${n}`)];

type What = Step['what'];

/** What may come at first, and what after that. Times are drawn: between two reminders, or before the first. */
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

/** Each of the stories a few times at drawn times, and members who change what they want. */
export function drawScripts(seed: number, times: number): readonly Script[] {
  const chance = new Chance(seed);
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
    inviter: n < INVITERS.length * 2 ? INVITERS[n % INVITERS.length]! : chance.of(INVITERS),
    recipient: wishful[n - times * STORIES.length] ?? `recipient-${n}`,
    steps: timed(story, chance),
  }));
}

/** Half way between two reminders. What begins anew does so before the second: eight weeks are to be enough. */
function timed(story: readonly What[], chance: Chance): readonly Step[] {
  let week = 0;
  return story.map((what, index) => {
    const isLast = index === story.length - 1;
    const startsAnew = what === 'follow up' || what === 'invite again';
    const latest = startsAnew ? 1 : isLast ? 3 : 1;
    week = Math.max(week, 0.4 + index * 0.15 + chance.below(latest + 1));
    if (startsAnew) week = Math.min(week, 1.7);
    const step = { what, week };
    if (startsAnew) week = 0;
    return step;
  });
}
