import { escapeControlCharacters } from '#libs/cli';
import { recordRedrivenMessages } from '#libs/command-topic';
import {
  InvalidDataError,
  newestCommandType,
  parseJson,
  upcastCommand,
  type CommandUpcasters,
  type Topics,
} from '#libs/contracts';
import { RecordHeaders, type ConsumedMessage, type Producer, type ProducerMessage } from '#libs/kafka';
import type { Pool } from '#libs/platform';
import {
  formatOrigin,
  type DeadLetterReader,
  type FoundLetter,
  type Selection,
} from './dead-letter-reader.js';

const BATCH_SIZE = 100;

interface RedriveServers {
  readonly topics: Topics;
  readonly reader: DeadLetterReader;
  readonly producer: Producer;
  readonly pool: Pool;
}

interface RedriveOptions {
  readonly dryRun: boolean;
  /** Whether to include messages that were re-driven before. */
  readonly again: boolean;
}

/**
 * Publishes the messages of dead letters again to their topic. Re-driven messages are recorded after the broker has confirmed
 * them, so a crash in between re-drives a few twice, which command ids make harmless (D10).
 */
export async function redrive(
  { topics, reader, producer, pool }: RedriveServers,
  selection: Selection,
  { dryRun, again }: RedriveOptions,
  now: () => Date,
  print: (text: string) => void,
  progress: (text: string) => void,
): Promise<void> {
  const missing = new Set(selection.places);
  let batch: FoundLetter[] = [];
  let count = 0;
  let skipped = 0;
  const flush = async () => {
    if (!dryRun && batch.length > 0) {
      await producer.send(batch.map(({ message, letter }) => restoreMessage(message, letter.origin!.topic)));
      await recordRedrivenMessages(
        pool,
        batch.map(({ letter }) => letter.origin!),
        now().toISOString(),
      );
    }
    for (const { letter } of batch) {
      print(
        `${letter.place} ${dryRun ? 'would be' : 'is'} published again as ${formatOrigin(letter.origin!)} was`,
      );
    }
    count += batch.length;
    batch = [];
    progress(`${count} so far`);
  };
  await reader.read(selection, async (found) => {
    const { letter, redrivenAt } = found;
    missing.delete(letter.place);
    const reason = reasonToSkip(topics, found, again);
    if (reason !== undefined) {
      skipped += 1;
      // With --all, messages that were re-driven before are skipped silently.
      if (redrivenAt === undefined || selection.places !== undefined) print(`${letter.place} ${reason}`);
      return;
    }
    batch.push(found);
    if (batch.length >= BATCH_SIZE) await flush();
  });
  await flush();
  print(`${count} ${dryRun ? 'to be ' : ''}re-driven, ${skipped} left alone`);
  if (missing.size > 0) throw new Error(`there is no dead letter at ${[...missing].join(', ')}`);
}

function reasonToSkip(
  topics: Topics,
  { letter, redrivenAt }: FoundLetter,
  again: boolean,
): string | undefined {
  if (letter.origin === undefined) return 'does not say where it came from, and is left alone';
  if (letter.origin.topic !== topics.commands)
    return `came from ${escapeControlCharacters(letter.origin.topic)}, which is not a topic of commands, and is left alone`;
  if (letter.origin.lastOffset !== undefined)
    return 'is about a batch that could not be decoded: its publisher publishes those messages again';
  if (!letter.hasContent)
    return `does not hold its message, which is at ${formatOrigin(letter.origin)} as long as the topic keeps it`;
  if (redrivenAt !== undefined && !again)
    return `was re-driven at ${redrivenAt}, and is left alone (--again)`;
  return undefined;
}

/**
 * Restores the message of a dead letter, byte for byte. A command of an older version is upcast to the newest one. If its value
 * cannot be read, it stays unchanged and will become a dead letter again.
 */
export function restoreMessage(
  letter: ConsumedMessage,
  topic: string,
  upcasters?: CommandUpcasters,
): ProducerMessage {
  const { key, value } = letter;
  const original = { topic, key, value, ...originalHeaders(letter) };
  const type = letter.header('ce_type') ?? '';
  if (newestCommandType(type, upcasters) === type) return original;
  try {
    const upcast = upcastCommand(type, parseJson(value), upcasters);
    return {
      topic,
      key,
      value: JSON.stringify(upcast.data),
      ...originalHeaders(letter, { ce_type: upcast.type }),
    };
  } catch (error) {
    if (!(error instanceof InvalidDataError)) throw error;
    return original;
  }
}

/** Returns the headers of the original message, some of them with changed values. */
function originalHeaders(
  { headers, recordHeaders }: ConsumedMessage,
  changes: Readonly<Record<string, string>> = {},
): Pick<ProducerMessage, 'headers' | 'recordHeaders'> {
  const isOriginal = (name: string) => !name.startsWith('dead-letter-');
  if (recordHeaders === undefined) {
    const kept = Object.entries(headers).filter(([name]) => isOriginal(name));
    return { headers: { ...Object.fromEntries(kept), ...changes } };
  }
  const kept = recordHeaders.filter(isOriginal);
  if (Object.keys(changes).length === 0) return { recordHeaders: kept };
  const changed = [...kept].map(({ name, value }) => {
    const change = changes[name.toString()];
    return { name, value: change === undefined ? value : Buffer.from(change) };
  });
  return { recordHeaders: RecordHeaders.of(changed) };
}
