import { Database, DEFAULT_MEMORY } from '../../../apps/replay/src/sql/database.js';
import { UnreadableEvents } from '../../../apps/replay/src/log/log-reader.js';
import { formatResult, type ResultFormat } from '../../../apps/replay/src/sql/result-formats.js';
import { toRawEvents } from './raw-events.js';
import type { LogEntry } from './what-if.js';

/** Far fewer than the tool folds at a time, so that tests have several parts. */
const EVENTS_AT_A_TIME = 500;

/** Creates the tables of `replay sql` from a log. */
export async function databaseOf(log: Iterable<LogEntry>): Promise<Database> {
  const database = await Database.open({ memory: DEFAULT_MEMORY });
  await database.insert(toRawEvents(log), new UnreadableEvents());
  await database.fold(EVENTS_AT_A_TIME);
  return database;
}

/** Returns the output of `replay sql` for a query. */
export async function printed(
  database: Database,
  sql: string,
  format: ResultFormat = 'table',
): Promise<string> {
  let text = '';
  for await (const result of database.query(sql))
    for await (const piece of formatResult(result, format)) text += piece;
  return text;
}

/** Returns the rows of a query. */
export const rowsOf = async <Row>(database: Database, sql: string): Promise<Row[]> =>
  JSON.parse(await printed(database, sql, 'json')) as Row[];
