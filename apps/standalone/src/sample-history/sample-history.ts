import { PriorityQueue } from './priority-queue.js';
import { generateMembers } from './members.js';
import { SeededRandom } from './seeded-random.js';
import type { DecidedEvents } from './simulator.js';
import { Scenario } from './scenario.js';

export interface SampleOptions {
  /** The exact number of events. */
  readonly events: number;
  readonly seed: number;
}

export const DEFAULT_SAMPLE: SampleOptions = { events: 100_000, seed: 1 };

/**
 * A Monday. The history does not depend on the time when it is generated, so answers to questions about it stay the
 * same.
 */
const HISTORY_START = Date.UTC(2025, 0, 6);

/** Chosen so that the events span about half a year, whatever their number. */
const EVENTS_PER_MEMBER = 12.5;
const MIN_MEMBERS = 40;

/**
 * Generates the history of an invented network in the order of time: members behave as in behaviour.ts, under the
 * rules of the domain. The same options give the same events, including their ids.
 */
export function* generateHistory({ events, seed }: SampleOptions): Generator<DecidedEvents, void, void> {
  const random = new SeededRandom(seed);
  const members = generateMembers(
    random,
    seed,
    Math.max(MIN_MEMBERS, Math.round(events / EVENTS_PER_MEMBER)),
  );
  const queue = new PriorityQueue();
  const happened: DecidedEvents[] = [];
  const scenario = new Scenario(random, queue, members, (what) => happened.push(what));
  scenario.start(HISTORY_START);
  for (let left = events; left > 0 && queue.runNext();) {
    for (const { accountId, events: made } of happened.splice(0)) {
      const kept = made.slice(0, left);
      left -= kept.length;
      if (kept.length > 0) yield { accountId, events: kept };
    }
  }
}
