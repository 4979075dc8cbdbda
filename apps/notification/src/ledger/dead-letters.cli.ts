import { decodeOrHex, escapeControlCharacters, formatTable } from '#libs/cli';
import { InvalidDataError, type Topics } from '#libs/contracts';
import { inTransaction, type Pool } from '#libs/platform';
import {
  deadLetterId,
  findDeadLetters,
  isUndecodableBatch,
  markRedriven,
  toMessage,
  type DeadLetter,
} from '../consumer/dead-letters.table.js';
import { createEventHandlers } from '../consumer/topic-handlers.js';

type Print = (text: string) => void;

/** Prints one line for each dead letter, without values: they may be personal. */
export async function listDeadLetters(pool: Pool, asJson: boolean, print: Print): Promise<void> {
  const letters = await findDeadLetters(pool);
  const items = letters.map((letter) => {
    const { at, reason, redrivenAt } = letter;
    const message = toMessage(letter);
    return {
      place: deadLetterId(letter),
      at,
      type: message.header('ce_type'),
      id: message.header('ce_id'),
      reason,
      redrivenAt,
    };
  });
  if (asJson) return print(JSON.stringify(items, null, 2));
  if (items.length === 0) return print('no dead letters');
  const rows = items.map(({ place, at, type, id, reason, redrivenAt }) =>
    [place, at, type, id, reason, redrivenAt].map((cell) => escapeControlCharacters(cell ?? '-')),
  );
  const head = ['place', 'when', 'ce_type', 'ce_id', 'reason', 're-driven'];
  for (const line of formatTable([head, ...rows])) print(line);
  print(`${items.length} dead letter${items.length === 1 ? '' : 's'}`);
}

/** Prints one dead letter with its headers and its value. */
export async function showDeadLetter(
  pool: Pool,
  place: string,
  asJson: boolean,
  print: Print,
): Promise<void> {
  const letter = await getDeadLetter(pool, place);
  const headers = Object.entries(letter.headers).flatMap(([name, values]) =>
    values.map((text) => [name, decodeOrHex(Buffer.from(text, 'base64'))] as const),
  );
  const key = letter.key && decodeOrHex(letter.key);
  const value = letter.value && decodeOrHex(letter.value);
  const { reason, at, redrivenAt } = letter;
  if (asJson) return print(JSON.stringify({ place, reason, at, redrivenAt, key, headers, value }, null, 2));
  print(`reason: ${escapeControlCharacters(reason)}`);
  for (const [name, content] of headers) print(`${escapeControlCharacters(name)}: ${formatContent(content)}`);
  print(`re-driven: ${redrivenAt ?? 'no'}`);
  print(`key: ${key === null ? 'none' : formatContent(key)}`);
  print(`value: ${value === null ? 'none' : `\n${formatContent(value, true)}`}`);
}

const formatContent = (content: ReturnType<typeof decodeOrHex>, keepNewlines = false): string =>
  'text' in content
    ? escapeControlCharacters(content.text, keepNewlines)
    : `(not UTF-8, in hex) ${content.hex}`;

/**
 * Gives dead letters to the app's handlers again, for those that this version can read. Redriving one twice changes
 * nothing: the ledger knows events that it already has, and an event that is too old by now is not mailed (D21).
 * @param topics of this installation
 * @param places of the dead letters; undefined: all that were not redriven yet
 * @throws Error where one that was named cannot be handled
 */
export async function redriveDeadLetters(
  topics: Topics,
  pool: Pool,
  places: readonly string[] | undefined,
  isDryRun: boolean,
  maxAgeMs: number,
  print: Print,
): Promise<void> {
  const letters =
    places === undefined
      ? (await findDeadLetters(pool)).filter(({ redrivenAt }) => redrivenAt === null)
      : await Promise.all(places.map((place) => getDeadLetter(pool, place)));
  let handled = 0;
  for (const letter of letters) {
    const obstacle = await redriveOne(topics, pool, letter, isDryRun, maxAgeMs);
    if (obstacle === undefined) handled += 1;
    print(`${deadLetterId(letter)} ${obstacle ?? (isDryRun ? 'would be handled' : 'is handled')}`);
  }
  print(`${handled} ${isDryRun ? 'to be ' : ''}re-driven, ${letters.length - handled} left alone`);
  if (places !== undefined && handled < letters.length) {
    throw new Error('at least one of the dead letters could not be handled: see above');
  }
}

/** @returns why the dead letter cannot be handled; undefined where it is, or would be */
async function redriveOne(
  topics: Topics,
  pool: Pool,
  letter: DeadLetter,
  isDryRun: boolean,
  maxAgeMs: number,
): Promise<string | undefined> {
  // The newest profile of a member counts, and a newer one may have been consumed since.
  if (letter.topic === topics.profiles) return 'is a profile: the profile service has to publish it again';
  if (isUndecodableBatch(letter)) {
    return 'is a batch that could not be decoded: its publisher has to publish it again';
  }
  const handler = createEventHandlers(topics).get(letter.topic);
  if (handler === undefined) return 'is from a topic that this version does not consume';
  try {
    const parsed = handler.parse(toMessage(letter));
    if (isDryRun) return undefined;
    await inTransaction(pool, async (tx) => {
      await handler.store(tx, [parsed], maxAgeMs);
      await markRedriven(tx, letter);
    });
    return undefined;
  } catch (error) {
    if (!(error instanceof InvalidDataError)) throw error;
    return `is still invalid: ${escapeControlCharacters(error.message)}`;
  }
}

async function getDeadLetter(pool: Pool, place: string): Promise<DeadLetter> {
  const [letter] = await findDeadLetters(pool, place);
  if (letter === undefined) throw new Error(`there is no dead letter at ${place}`);
  return letter;
}
