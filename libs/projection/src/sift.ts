import type { RecordedEvent } from '#libs/event-store';
import { describeFailure, isOfTheEvent } from './whose-failure.js';

/** An account with an event that cannot be handled, and what came after it. */
export interface Stuck {
  readonly accountId: string;
  readonly slice: number;
  readonly error: string;
  /** In order; the first is the one that failed. */
  readonly events: readonly RecordedEvent[];
}

/**
 * Finds out whose events a batch failed for: applies it account by account, and event by event where an account fails.
 * What can be applied is.
 * @param apply all of what it is given or nothing
 * @throws what is no event's failure
 */
export async function sift(
  events: readonly RecordedEvent[],
  apply: (events: readonly RecordedEvent[]) => Promise<void>,
): Promise<Stuck[]> {
  const stuck: Stuck[] = [];
  for (const own of Map.groupBy(events, ({ accountId }) => accountId).values()) {
    if ((await failureOf(apply, own)) === undefined) continue;
    for (const [index, event] of own.entries()) {
      const error = await failureOf(apply, [event]);
      if (error === undefined) continue;
      stuck.push({ accountId: event.accountId, slice: event.slice, error, events: own.slice(index) });
      break;
    }
  }
  return stuck;
}

async function failureOf(
  apply: (events: readonly RecordedEvent[]) => Promise<void>,
  events: readonly RecordedEvent[],
): Promise<string | undefined> {
  try {
    await apply(events);
    return undefined;
  } catch (error) {
    if (!isOfTheEvent(error)) throw error;
    return describeFailure(error);
  }
}
