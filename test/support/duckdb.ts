import { DuckDBInstance } from '@duckdb/node-api';

/** Reads files as an analyst's own DuckDB does. @returns the rows of the last statement */
export async function readByDuckDb(query: string): Promise<readonly Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(query)).getRowObjectsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
