import { DuckDBInstance } from '@duckdb/node-api';

/** Names with DuckDB's types, in order. */
export type ParquetColumns = readonly (readonly [name: string, type: string])[];

/** Bounds what DuckDB holds, however long the file is. */
const MEMORY = '512MB';

/**
 * Makes a Parquet file of lines of JSON, beside them.
 * @returns its path
 */
export async function toParquet(lines: string, columns: ParquetColumns): Promise<string> {
  const made = `${lines}.parquet`;
  // One thread, and rows stay in their order: the same lines always make the same bytes.
  const db = await DuckDBInstance.create(':memory:', {
    threads: '1',
    memory_limit: MEMORY,
    temp_directory: '',
    autoinstall_known_extensions: 'false',
  });
  try {
    const connection = await db.connect();
    const types = columns.map(([name, type]) => `'${name}': '${type}'`).join(', ');
    await connection.run(
      `COPY (SELECT * FROM read_json(${literal(lines)}, format = 'newline_delimited', columns = {${types}}))
       TO ${literal(made)} (FORMAT parquet, COMPRESSION zstd)`,
    );
    connection.closeSync();
  } finally {
    db.closeSync();
  }
  return made;
}

const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;
