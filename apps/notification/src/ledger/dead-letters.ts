import { InvalidData, TOPICS } from '#libs/contracts';
import { inTransaction, type Pool } from '#libs/platform';
import { HANDLERS } from '../handlers.js';
import { columns } from './columns.js';
import { findDeadLetters, markRedriven, messageOf, placeOf, type DeadLetter } from './dead-letter.js';
import { printable, readable } from './printable.js';

type Print = (text: string) => void;

/** A line each, without values: they may be personal. */
export async function listDeadLetters(pool: Pool, asJson: boolean, print: Print): Promise<void> {
  const letters = await findDeadLetters(pool);
  const items = letters.map((letter) => {
    const { at, reason, redrivenAt } = letter;
    const message = messageOf(letter);
    return {
      place: placeOf(letter),
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
    [place, at, type, id, reason, redrivenAt].map((cell) => printable(cell ?? '-')),
  );
  for (const line of columns([['place', 'when', 'ce_type', 'ce_id', 'reason', 're-driven'], ...rows]))
    print(line);
  print(`${items.length} dead letter${items.length === 1 ? '' : 's'}`);
}

/** One with its headers and its value. */
export async function showDeadLetter(
  pool: Pool,
  place: string,
  asJson: boolean,
  print: Print,
): Promise<void> {
  const letter = await theOne(pool, place);
  const headers = Object.entries(letter.headers).flatMap(([name, values]) =>
    values.map((text) => [name, readable(Buffer.from(text, 'base64'))] as const),
  );
  const key = letter.key && readable(letter.key);
  const value = letter.value && readable(letter.value);
  const { reason, at, redrivenAt } = letter;
  if (asJson) return print(JSON.stringify({ place, reason, at, redrivenAt, key, headers, value }, null, 2));
  print(`reason: ${printable(reason)}`);
  for (const [name, content] of headers) print(`${printable(name)}: ${shown(content)}`);
  print(`re-driven: ${redrivenAt ?? 'no'}`);
  print(`key: ${key === null ? 'none' : shown(key)}`);
  print(`value: ${value === null ? 'none' : `\n${shown(value, true)}`}`);
}

const shown = (content: ReturnType<typeof readable>, newlines = false): string =>
  'text' in content ? printable(content.text, newlines) : `(no UTF-8, hex) ${content.hex}`;

/**
 * Gives messages to the app's own handlers once more, for those that a newer version can read. A repeat changes nothing:
 * the ledger knows an event that it has had.
 * @param places undefined: all that were not re-driven yet
 * @throws when one that was named cannot be handled
 */
export async function redrive(
  pool: Pool,
  places: readonly string[] | undefined,
  isDryRun: boolean,
  print: Print,
): Promise<void> {
  const letters =
    places === undefined
      ? (await findDeadLetters(pool)).filter(({ redrivenAt }) => redrivenAt === null)
      : await Promise.all(places.map((place) => theOne(pool, place)));
  let done = 0;
  for (const letter of letters) {
    const obstacle = await handleAgain(pool, letter, isDryRun);
    if (obstacle === undefined) done += 1;
    print(`${placeOf(letter)} ${obstacle ?? (isDryRun ? 'would be handled' : 'is handled')}`);
  }
  print(`${done} ${isDryRun ? 'to be ' : ''}re-driven, ${letters.length - done} left alone`);
  if (places !== undefined && done < letters.length) throw new Error('not all of them could be handled');
}

/** @returns why not, if not */
async function handleAgain(pool: Pool, letter: DeadLetter, isDryRun: boolean): Promise<string | undefined> {
  // Of profiles the last one counts, and newer ones may have come since.
  if (letter.topic === TOPICS.profiles) return 'is a profile: the profile service publishes it anew';
  const handler = HANDLERS.get(letter.topic);
  if (handler === undefined) return 'is from a topic that this version does not listen to';
  try {
    const parsed = handler.parse(messageOf(letter));
    if (isDryRun) return undefined;
    await inTransaction(pool, async (tx) => {
      await handler.store(tx, [parsed]);
      await markRedriven(tx, letter);
    });
    return undefined;
  } catch (error) {
    if (!(error instanceof InvalidData)) throw error;
    return `is still not what its topic carries: ${printable(error.message)}`;
  }
}

async function theOne(pool: Pool, place: string): Promise<DeadLetter> {
  const [letter] = await findDeadLetters(pool, place);
  if (letter === undefined) throw new Error(`there is no dead letter at ${place}`);
  return letter;
}
