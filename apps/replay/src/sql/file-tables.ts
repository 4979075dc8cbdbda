import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { toSqlLiteral } from '../output/sql-literal.js';

/**
 * The rows that DuckDB compresses and writes at a time, a multiple of the 2,048 rows of its data chunks. With its default, six
 * times as many, it takes 150 MiB more to write events, beyond the limit of its memory.
 */
export const ROWS_PER_GROUP = 10 * 2_048;

/** What DuckDB may hold in memory while tables are filled and folded, part by part. */
export const TABLES_MEMORY = '48MB';

/**
 * Opens DuckDB with memory that does not grow with its tables. It uses one thread and keeps no order of rows without ORDER BY,
 * because each of both would take more.
 * @param memory the memory limit in DuckDB's notation: `128MB`
 * @param spillFolder the folder for what exceeds the limit
 */
export const openInstance = (spillFolder: string, memory = TABLES_MEMORY): Promise<DuckDBInstance> =>
  DuckDBInstance.create(':memory:', {
    memory_limit: memory,
    threads: '1',
    temp_directory: spillFolder,
    preserve_insertion_order: 'false',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });

/** Keeps the tables that are created from now on in a file, and uses those that it has. */
export async function useFile(connection: DuckDBConnection, file: string): Promise<void> {
  await connection.run(`ATTACH ${toSqlLiteral(file)} AS replay (ROW_GROUP_SIZE ${ROWS_PER_GROUP})`);
  await connection.run('USE replay');
}
