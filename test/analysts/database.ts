import { Database, MEMORY } from '../../apps/replay/src/sql/database.js';
import { formatted, type Format } from '../../apps/replay/src/sql/formats.js';
import { recorded } from './recorded.js';
import type { LogEntry } from './what-if.js';

/** The tables of `replay sql`, with that log in them. */
export async function databaseOf(log: Iterable<LogEntry>): Promise<Database> {
  const database = await Database.open(MEMORY);
  await database.fill(recorded(log));
  return database;
}

/** What `replay sql` prints. */
export async function printed(database: Database, sql: string, format: Format = 'table'): Promise<string> {
  let text = '';
  for await (const result of database.ask(sql))
    for await (const piece of formatted(result, format)) text += piece;
  return text;
}

/** The rows of a query. */
export const rowsOf = async <Row>(database: Database, sql: string): Promise<Row[]> =>
  JSON.parse(await printed(database, sql, 'json')) as Row[];
