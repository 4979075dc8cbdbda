import { decodeOrHex, escapeControlCharacters, formatTable } from '#libs/cli';
import { RecordHeaders } from '#libs/kafka';
import {
  formatOrigin,
  type DeadLetterReader,
  type FoundLetter,
  type Selection,
} from './dead-letter-reader.js';

const COLUMNS = ['place', 'when', 'message', 'ce_type', 'ce_id', 'reason', 're-driven'] as const;

/** Prints one line per dead letter, by time. Values are not printed, because they may be personal. */
export async function list(
  reader: DeadLetterReader,
  selection: Selection,
  asJson: boolean,
  print: (text: string) => void,
): Promise<void> {
  const found: Omit<FoundLetter, 'message'>[] = [];
  // The messages themselves may be large, so they are not kept.
  await reader.read(selection, ({ letter, redrivenAt }) => void found.push({ letter, redrivenAt }));
  // The topic has no order across its partitions.
  found.sort((one, other) => compareTexts(one.letter.at ?? '', other.letter.at ?? ''));
  if (asJson) {
    const items = found.map(({ letter: { place, at, origin, type, id, reason }, redrivenAt }) => ({
      place,
      at,
      message: origin,
      type,
      id,
      reason,
      redrivenAt,
    }));
    return print(JSON.stringify(items, null, 2));
  }
  if (found.length === 0) return print('no dead letters');
  const rows = found.map(({ letter: { place, at, origin, type, id, reason }, redrivenAt }) =>
    [place, at, origin && formatOrigin(origin), type, id, reason, redrivenAt].map((cell) =>
      escapeControlCharacters(cell ?? '-'),
    ),
  );
  for (const line of formatTable([[...COLUMNS], ...rows])) print(line);
  print(`${rows.length} dead letter${rows.length === 1 ? '' : 's'}`);
}

const compareTexts = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0);

/** Prints one dead letter with its headers and its value. */
export async function show(
  reader: DeadLetterReader,
  place: string,
  asJson: boolean,
  print: (text: string) => void,
): Promise<void> {
  let found: FoundLetter | undefined;
  await reader.read({ places: new Set([place]) }, (one) => {
    found = one;
  });
  if (found === undefined) throw new Error(`there is no dead letter at ${place}`);
  const { message, redrivenAt } = found;
  const headers = [...(message.recordHeaders ?? RecordHeaders.fromKafkajs(message.headers))].map(
    ({ name, value }) => [name.toString(), value && decodeOrHex(value)] as const,
  );
  const key = message.key && decodeOrHex(message.key);
  const value = message.value && decodeOrHex(message.value);
  if (asJson) return print(JSON.stringify({ place, redrivenAt, key, headers, value }, null, 2));
  for (const [name, content] of headers)
    print(`${escapeControlCharacters(name)}: ${content === null ? '(no value)' : formatBytes(content)}`);
  print(`re-driven: ${redrivenAt ?? 'no'}`);
  print(`key: ${key === null ? 'none' : formatBytes(key)}`);
  print(`value: ${value === null ? 'none' : `\n${formatBytes(value, true)}`}`);
}

const formatBytes = (content: ReturnType<typeof decodeOrHex>, keepNewlines = false): string =>
  'text' in content ? escapeControlCharacters(content.text, keepNewlines) : `(no UTF-8, hex) ${content.hex}`;
