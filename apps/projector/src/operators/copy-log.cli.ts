import { AuthorTextSealer, readWrappingKeys } from '#libs/author-keys';
import { CliError, print, UsageError } from '#libs/cli';
import {
  closeEventStore,
  connectEventStore,
  copyLog,
  LogCopyError,
  readLogTail,
  type EventStoreDBClient,
} from '#libs/event-store';
import { loadConfig, type Pool } from '#libs/platform';
import { StoreConfig, TextsConfig, withStore } from './connections.js';
import { createProgress } from './progress.js';

/** `copy-log --to <url>`: the log with all its texts encrypted, in another event store. */
export async function runCopyLog(
  to: string,
  audit: (pool: Pool) => Promise<() => Promise<void>>,
  out: NodeJS.WriteStream,
): Promise<void> {
  const keys = readWrappingKeys(loadConfig(TextsConfig));
  if (keys === undefined) throw new UsageError('TEXT_KEYS is not set: it has the keys that wrap');
  if (loadConfig(StoreConfig).EVENTSTORE_URL === to)
    throw new UsageError('--to is EVENTSTORE_URL: the copy needs another event store');
  await withStore(async (pool, source) => {
    const finish = await audit(pool);
    const target = connectEventStore(Object.assign(loadConfig(StoreConfig), { EVENTSTORE_URL: to }));
    try {
      await copy(source, target, new AuthorTextSealer(pool, keys), out);
    } catch (error) {
      if (error instanceof LogCopyError) throw new CliError(error.message, { cause: error });
      throw error;
    } finally {
      await closeEventStore(target);
    }
    await finish();
  });
}

async function copy(
  source: EventStoreDBClient,
  target: EventStoreDBClient,
  sealer: AuthorTextSealer,
  out: NodeJS.WriteStream,
): Promise<void> {
  const { head } = await readLogTail(source, [], undefined, new AbortController().signal);
  const progress = createProgress(out, () => performance.now());
  let [events, texts] = [0, 0];
  try {
    for await (const batch of copyLog(source, target, sealer)) {
      events += batch.events;
      texts += batch.texts;
      progress.onProgress(batch.position, head ?? batch.position, batch.events);
    }
  } finally {
    progress.end();
  }
  print(`${events} events were copied, and ${texts} texts in them encrypted`);
}
