import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { CliError, InvalidArgumentError } from '#libs/cli';
import { formatOfFile } from '../output/file-format.js';
import { toSqlLiteral } from '../output/sql-literal.js';

/** A file of the analyst's that becomes a table beside those of the log. */
export interface OwnTable {
  readonly name: string;
  readonly file: string;
}

const NAME = /^[a-z][a-z0-9_]*$/i;
const TAKEN = ['events', 'invitations', 'period'];
const READERS = { csv: 'read_csv', parquet: 'read_parquet' } as const;

/** @throws InvalidArgumentError */
export function parseOwnTable(text: string): OwnTable {
  const equals = text.indexOf('=');
  const name = text.slice(0, equals);
  if (equals < 1 || !NAME.test(name))
    throw new InvalidArgumentError('A table is name=file.csv or name=file.parquet.');
  if (TAKEN.includes(name.toLowerCase())) throw new InvalidArgumentError(`The log has a table ${name}.`);
  return { name, file: text.slice(equals + 1) };
}

/** @throws UsageError, CliError if a file cannot be read */
export async function loadOwnTables(
  connection: DuckDBConnection,
  tables: readonly OwnTable[],
): Promise<void> {
  for (const { name, file } of tables) {
    const reader = READERS[formatOfFile(file, ['csv', 'parquet'])];
    // DuckDB would take an address for something to fetch, and a name with an asterisk for several files.
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) throw new CliError(`${file} is not a file`);
    try {
      await connection.run(`CREATE TABLE "${name}" AS FROM ${reader}(${toSqlLiteral(resolve(file))})`);
    } catch (error) {
      throw new CliError(
        `${file} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
}
