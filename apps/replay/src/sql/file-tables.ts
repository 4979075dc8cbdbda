import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { toSqlLiteral } from '../output/sql-literal.js';

/**
 * The rows that DuckDB compresses and writes at a time, a multiple of the 2,048 rows of its data chunks. With its default, six
 * times as many, it takes 150 MiB more to write events, beyond the limit of its memory.
 */
export const ROWS_PER_GROUP = 10 * 2_048;

export interface FileTablesOptions {
  /** The memory limit in DuckDB's notation: `128MB`. */
  readonly memory: string;
  /** The folder for what exceeds the limit. */
  readonly spillFolder: string;
  /** Whether tables and results without ORDER BY have the order of their source, for which DuckDB must hold more. */
  readonly keepsOrder: boolean;
}

/**
 * Opens DuckDB with memory that does not grow with its tables. More threads than two would need more memory each.
 */
export const openInstance = ({
  memory,
  spillFolder,
  keepsOrder,
}: FileTablesOptions): Promise<DuckDBInstance> =>
  DuckDBInstance.create(':memory:', {
    memory_limit: memory,
    threads: '2',
    temp_directory: spillFolder,
    preserve_insertion_order: String(keepsOrder),
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });

/** Keeps the tables that are created from now on in a file, and uses those that it has. */
export async function useFile(connection: DuckDBConnection, file: string): Promise<void> {
  await connection.run(`ATTACH ${toSqlLiteral(file)} AS replay (ROW_GROUP_SIZE ${ROWS_PER_GROUP})`);
  await connection.run('USE replay');
}
