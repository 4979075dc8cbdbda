import { MUTE, WISHES, type Scenario, type Wish } from './scenarios.js';

/** When reminders are due, in weeks. */
const WEEKS = [1, 2, 3];

const WANTS: Readonly<Record<Wish, { readonly invitations: boolean; readonly reminders: boolean }>> = {
  nothing: { invitations: false, reminders: false },
  'no reminders': { invitations: true, reminders: false },
  'no invitations': { invitations: false, reminders: true },
  'all again': { invitations: true, reminders: true },
};

export interface Prediction {
  /** `recipient: what, from whom`, in any order. */
  readonly mails: readonly string[];
  /** Decisions that a reminder is due: `inviter to recipient: ordinal`. */
  readonly reminders: readonly string[];
}

/**
 * Predicts the e-mails of a scenario from the specification, without using the code.
 * @param held due times, in weeks, that passed while nothing ran: only the last reminder of them is sent
 * @param before predicts the state before this step; without it, the final state
 */
export function predict(
  { inviter, recipient, steps }: Scenario,
  held: readonly number[] = [],
  before = Number.POSITIVE_INFINITY,
): Prediction {
  const mails: string[] = [];
  const reminders: string[] = [];
  let wants = WANTS[WISHES[recipient] ?? 'all again'];
  let isUntouched = true;
  let since = 0;

  const invites = () => {
    since = 0;
    isUntouched = true;
    if (wants.invitations) mails.push(`${recipient}: invitation from ${inviter}`);
  };
  const passesUntil = (week: number) => {
    for (const due of WEEKS.filter((one) => since < one && one < week)) {
      if (!isUntouched || (held.includes(due) && due !== held.at(-1))) continue;
      reminders.push(`${inviter} to ${recipient}: ${due}`);
      if (wants.reminders) mails.push(`${recipient}: reminder from ${inviter}`);
    }
    since = week;
  };

  invites();
  for (const [index, { week, what }] of steps.entries()) {
    passesUntil(week);
    if (index === before) return { mails, reminders };
    if (what in WANTS) wants = WANTS[what as Wish];
    else if (what === 'follow up' || what === 'invite again') invites();
    else isUntouched = false;
    if (what === 'accept' && inviter !== MUTE) mails.push(`${inviter}: acceptance by ${recipient}`);
    if (what === 'reply' && inviter !== MUTE) mails.push(`${inviter}: reply by ${recipient}`);
  }
  passesUntil(Number.POSITIVE_INFINITY);
  return { mails, reminders };
}
