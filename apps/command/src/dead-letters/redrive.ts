import { TOPICS } from '#libs/contracts';
import type { Producer } from '#libs/kafka';
import type { Pool } from '#libs/platform';
import { storeRedriven } from '#libs/read-models';
import type { DeadLetterBox, Found } from './dead-letter-box.js';
import { originText } from './dead-letter.js';
import { originalMessage } from './original-message.js';
import { printable } from './printable.js';
import type { Selection } from './selection.js';

const AT_ONCE = 100;

export interface RedriveOptions {
  readonly dryRun: boolean;
  /** Also those that were re-driven before. */
  readonly again: boolean;
}

/**
 * Publishes the messages of dead letters again where they stood. What was re-driven is remembered once the broker has
 * confirmed it, so a crash in between re-drives a few twice, which no command with an id minds (D10).
 */
export async function redrive(
  { box, producer, pool }: { box: DeadLetterBox; producer: Producer; pool: Pool },
  selection: Selection,
  { dryRun, again }: RedriveOptions,
  now: () => Date,
  print: (text: string) => void,
  progress: (text: string) => void,
): Promise<void> {
  const missing = new Set(selection.places);
  let waiting: Found[] = [];
  let count = 0;
  let skipped = 0;
  const flush = async () => {
    if (!dryRun && waiting.length > 0) {
      await producer.send(
        waiting.map(({ message, letter }) => originalMessage(message, letter.origin!.topic)),
      );
      await storeRedriven(
        pool,
        waiting.map(({ letter }) => letter.origin!),
        now().toISOString(),
      );
    }
    for (const { letter } of waiting) {
      print(
        `${letter.place} ${dryRun ? 'would be' : 'is'} published again as ${originText(letter.origin!)} was`,
      );
    }
    count += waiting.length;
    waiting = [];
    progress(`${count} so far`);
  };
  await box.read(selection, async (found) => {
    const { letter, redrivenAt } = found;
    missing.delete(letter.place);
    const obstacle = obstacleTo(found, again);
    if (obstacle !== undefined) {
      skipped += 1;
      // Of all of them, those that were re-driven are no news.
      if (redrivenAt === undefined || selection.places !== undefined) print(`${letter.place} ${obstacle}`);
      return;
    }
    waiting.push(found);
    if (waiting.length >= AT_ONCE) await flush();
  });
  await flush();
  print(`${count} ${dryRun ? 'to be ' : ''}re-driven, ${skipped} left alone`);
  if (missing.size > 0) throw new Error(`there is no dead letter at ${[...missing].join(', ')}`);
}

function obstacleTo({ letter, redrivenAt }: Found, again: boolean): string | undefined {
  if (letter.origin === undefined) return 'does not say where it came from, and is left alone';
  if (letter.origin.topic !== TOPICS.commands)
    return `came from ${printable(letter.origin.topic)}, which is no topic of commands, and is left alone`;
  if (redrivenAt !== undefined && !again)
    return `was re-driven at ${redrivenAt}, and is left alone (--again)`;
  return undefined;
}
