import { InvalidArgumentError, type Command } from '#libs/cli';
import { createPseudonymizer, PSEUDONYM_KEY } from '../events/pseudonyms.js';
import { showLogProgress, type LogReader } from '../log/log-reader.js';
import { addSelectionOptions, toSelection, type SelectionOptions } from '../log/selection.js';
import { Database, DEFAULT_MEMORY, type DatabaseOptions } from './database.js';
import { refreshFoldCache } from './fold-cache.js';

/** The parsed values of the options that `addDatabaseOptions` adds. */
export interface LogDatabaseOptions extends SelectionOptions {
  readonly memory?: string;
  readonly cache?: string;
  readonly pseudonyms?: true;
}

/** Adds the options of a command that queries the log by SQL. */
export const addDatabaseOptions = (command: Command): Command =>
  addSelectionOptions(
    command
      .option(
        '--memory <size>',
        `memory limit of the queries, which write what exceeds it to temporary files (default: ${DEFAULT_MEMORY})`,
        parseSize,
      )
      .option(
        '--cache <directory>',
        'keep the tables in files of this directory, and read only newer events the next time; the files contain what ' +
          'members wrote',
      )
      .option(
        '--pseudonyms',
        `replace ids of members, invitations and commands by keyed hashes, and omit texts; the key is in ${PSEUDONYM_KEY}`,
      ),
  );

/**
 * Reads the selected events into a database.
 * @param sql the only query, if it is known: if it does not name the invitations, they are not folded
 */
export async function openLogDatabase(
  log: LogReader,
  { memory = DEFAULT_MEMORY, cache, pseudonyms, ...selected }: LogDatabaseOptions,
  {
    sql,
    ...options
  }: Pick<DatabaseOptions, 'tables' | 'output' | 'keepsOrder'> & { sql?: string | undefined } = {},
): Promise<Database> {
  const selection = toSelection(selected);
  const disguiseKey = pseudonyms && process.env[PSEUDONYM_KEY];
  const disguise = pseudonyms && createPseudonymizer(disguiseKey);
  const progress = showLogProgress('reading');
  try {
    if (cache !== undefined) {
      const request = { directory: cache, selection, disguise, disguiseKey, now: new Date() };
      const foldFile = await refreshFoldCache(log, request, progress);
      return await Database.open({ memory, ...options, foldFile });
    }
    const database = await Database.open({ memory, ...options });
    try {
      await database.insert(log.readBatches(selection, progress), log.unreadable, disguise);
      if (sql === undefined || /\binvitations\b/i.test(sql)) await database.fold();
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  } finally {
    progress.stop();
  }
}

/** @throws InvalidArgumentError */
export function parseSize(size: string): string {
  if (/^\d+(MB|GB)$/.test(size)) return size;
  throw new InvalidArgumentError('A size is 512MB, or 4GB.');
}
