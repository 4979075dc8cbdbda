import type { Policy } from '../policy.js';

/** When a reminder may be sent, in milliseconds after the invitation. Both ends belong to it. */
export interface ReminderWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * D6: a reminder may be sent from when it is due, as long as it is valid, and no longer once the next one is due. So at
 * any time at most one of an invitation may, and what was held up by an outage can never come as a burst.
 * @param ordinal 1 for the first
 * @returns undefined where the policy has no such reminder
 */
export function reminderWindow(
  { remindersMs, reminderValidityMs }: Pick<Policy, 'remindersMs' | 'reminderValidityMs'>,
  ordinal: number,
): ReminderWindow | undefined {
  const fromMs = remindersMs[ordinal - 1];
  if (fromMs === undefined) return undefined;
  const nextMs = remindersMs[ordinal] ?? Number.POSITIVE_INFINITY;
  return { fromMs, toMs: Math.min(fromMs + reminderValidityMs, nextMs - 1) };
}
