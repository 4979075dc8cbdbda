import { TOPICS } from '#libs/contracts';
import { readTopic, type Incoming, type Kafka } from '#libs/kafka';
import type { Pool } from '#libs/platform';
import { findRedriven } from '#libs/read-models';
import { DATABASE, needs } from '../needs.js';
import { deadLetterOf, originText, type DeadLetter } from './dead-letter.js';
import { isSelected, type Selection } from './selection.js';

const PROGRESS_EVERY = 1_000;

export interface Found {
  readonly letter: DeadLetter;
  readonly message: Incoming;
  /** When its message was published again, if it was. */
  readonly redrivenAt: string | undefined;
}

/** What is in the dead-letter topic, with what is known of it. */
export class DeadLetterBox {
  constructor(
    private readonly kafka: Kafka,
    private readonly pool: Pool,
    /** Hears now and then how many were read so far. */
    private readonly progress: (count: number) => void = () => undefined,
  ) {}

  /** Gives the dead letters that are meant, in the order of each partition; of two for one message, the first. */
  async read(selection: Selection, take: (found: Found) => void | Promise<void>): Promise<void> {
    const redriven = new Map(
      (await needs(DATABASE, findRedriven(this.pool))).map((one) => [originText(one), one.redrivenAt]),
    );
    const seen = new Set<string>();
    let count = 0;
    const { since } = selection;
    const options = { groupPrefix: 'dead-letters', ...(since === undefined ? {} : { since }) };
    await readTopic(this.kafka, TOPICS.deadLetters, options, async (message) => {
      count += 1;
      if (count % PROGRESS_EVERY === 0) this.progress(count);
      const letter = deadLetterOf(message);
      const key = letter.origin === undefined ? letter.place : originText(letter.origin);
      // One that is asked for by its place is given in any case.
      if (seen.has(key) && selection.places?.has(letter.place) !== true) return;
      seen.add(key);
      if (isSelected(letter, selection))
        await take({ letter, message, redrivenAt: ofThisOne(redriven.get(key), letter) });
    });
  }
}

/** Topics that were made anew count from 0 again: what was re-driven before the letter was written is another one. */
function ofThisOne(redrivenAt: string | undefined, { at }: DeadLetter): string | undefined {
  return redrivenAt !== undefined && redrivenAt >= (at ?? '') ? redrivenAt : undefined;
}
