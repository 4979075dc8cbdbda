import { reminderWindow, type Policy } from '#libs/invitation';

/** Invitations that were reminded of `reminded` times and whose age is in the window are due for reminder `ordinal`. */
export interface DueWindow {
  readonly ordinal: number;
  readonly reminded: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * The schedule as something that an index can be asked for. An invitation is in one window at most, whatever its age:
 * after an outage it is in that of the latest reminder, and those before it are left out.
 */
export function dueWindows(policy: Pick<Policy, 'remindersMs' | 'reminderValidityMs'>): readonly DueWindow[] {
  return policy.remindersMs.flatMap((_, index) => {
    const ordinal = index + 1;
    const window = reminderWindow(policy, ordinal)!;
    return Array.from({ length: ordinal }, (_none, reminded) => ({ ordinal, reminded, ...window }));
  });
}
