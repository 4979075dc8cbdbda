import { countKeys, readWrappingKeys, rewrapKeys, type WrappingKeys } from '#libs/author-keys';
import { CliError, createProgressBar, UsageError } from '#libs/cli';
import { loadConfig, type Pool } from '#libs/platform';
import { TextsConfig, withPool } from './connections.js';

/** Time between two lines of progress if the output is not a terminal. */
const LINE_MS = 3_000;

export interface RewrapOptions {
  readonly dryRun?: boolean;
  /** Keys that are wrapped in one statement. */
  readonly batch: number;
}

type Print = (line: string) => void;

/**
 * `rewrap-keys`: wraps every author's key again that is not wrapped with the first key of TEXT_KEYS. Each batch is stored by itself, so
 * a run that was interrupted has lost nothing, and the next one does the rest.
 */
export async function runRewrapKeys(
  { dryRun = false, batch }: RewrapOptions,
  audit: (pool: Pool) => Promise<() => Promise<void>>,
  print: Print,
): Promise<void> {
  const keys = readWrappingKeys(loadConfig(TextsConfig));
  if (keys === undefined) throw new UsageError('TEXT_KEYS is not set: it has the keys that wrap');
  await withPool(async (pool) => {
    const counts = await countKeys(pool);
    rejectUnlisted(keys, counts);
    for (const [id, count] of counts) print(`${id}: wraps ${count} ${count === 1 ? 'key' : 'keys'}`);
    const left = sum([...counts].filter(([id]) => id !== keys[0].id).map(([, count]) => count));
    if (dryRun) return print(`${left} would be wrapped again, with ${keys[0].id}`);
    if (left > 0) {
      const finish = await audit(pool);
      await rewrapAll(pool, keys, batch, left, print);
      await finish();
    }
    const unused = keys.slice(1).map(({ id }) => id);
    print(`every key is wrapped with ${keys[0].id}`);
    if (unused.length > 0) {
      print(`TEXT_KEYS need not list ${unused.join(', ')} any more, once no app has another first key`);
    }
  });
}

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);

/** Nothing has begun then: a run that stops at such a key would stop there each time. */
function rejectUnlisted(keys: WrappingKeys, counts: ReadonlyMap<string, number>): void {
  const unlisted = [...counts.keys()].filter((id) => !keys.some((key) => key.id === id));
  if (unlisted.length === 0) return;
  throw new CliError(
    `TEXT_KEYS does not list ${unlisted.join(', ')}, which wraps authors' keys. Nothing was changed: add what is missing, and run this again`,
  );
}

async function rewrapAll(
  pool: Pool,
  keys: WrappingKeys,
  batch: number,
  total: number,
  print: Print,
): Promise<void> {
  const bar = createProgressBar('{bar} {percentage}%  {done} of {total} keys');
  let done = 0;
  let printedAt = performance.now();
  try {
    for (let count = batch; count === batch;) {
      count = await rewrapKeys(pool, keys, batch);
      done += count;
      // Apps whose first key is another one may add keys meanwhile.
      const all = Math.max(total, done);
      bar.update(done / all, { done, total: all });
      if (process.stderr.isTTY || performance.now() - printedAt < LINE_MS) continue;
      printedAt = performance.now();
      print(`${done} of ${all} keys are wrapped again`);
    }
  } finally {
    bar.stop();
  }
  print(`${done} ${done === 1 ? 'key was' : 'keys were'} wrapped again, with ${keys[0].id}`);
}
