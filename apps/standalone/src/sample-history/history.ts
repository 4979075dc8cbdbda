import { Agenda } from './agenda.js';
import { sampleMembers } from './members.js';
import { Random } from './random.js';
import type { Happened } from './society.js';
import { Story } from './story.js';

export interface SampleOptions {
  /** How many events, exactly. */
  readonly events: number;
  readonly seed: number;
}

export const DEFAULT_SAMPLE: SampleOptions = { events: 100_000, seed: 1 };

/** A Monday. The history is as old as it is, whenever it is made: answers to questions about it stay the same. */
export const BEGINS = Date.UTC(2025, 0, 6);

/** So that the events make about half a year, whatever their number. */
const EVENTS_A_MEMBER = 12.5;
const FEWEST_MEMBERS = 40;

/**
 * A history of a network that never was, in the order of time: members who behave as behaviour.ts says, under the
 * rules of the domain. The same options give the same events, to the last id.
 */
export function* sampleHistory({ events, seed }: SampleOptions): Generator<Happened, void, void> {
  const random = new Random(seed);
  const members = sampleMembers(random, seed, Math.max(FEWEST_MEMBERS, Math.round(events / EVENTS_A_MEMBER)));
  const agenda = new Agenda();
  const happened: Happened[] = [];
  const story = new Story(random, agenda, members, (what) => happened.push(what));
  story.begin(BEGINS);
  for (let left = events; left > 0 && agenda.next();) {
    for (const { accountId, events: made } of happened.splice(0)) {
      const kept = made.slice(0, left);
      left -= kept.length;
      if (kept.length > 0) yield { accountId, events: kept };
    }
  }
}
