import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { toSqlLiteral } from '../output/sql-literal.js';

/** Column names with their DuckDB types, in order. */
export type ParquetColumns = readonly (readonly [name: string, type: string])[];

/** Limits DuckDB's memory, whatever the size of the file. */
const MEMORY = '512MB';

/** Converts lines of JSON to Parquet files. The same lines always produce the same bytes. */
export class ParquetConverter {
  private constructor(
    private readonly instance: DuckDBInstance,
    private readonly connection: DuckDBConnection,
  ) {}

  static async open(): Promise<ParquetConverter> {
    // One thread keeps the rows in order.
    const instance = await DuckDBInstance.create(':memory:', {
      threads: '1',
      memory_limit: MEMORY,
      temp_directory: '',
      autoinstall_known_extensions: 'false',
    });
    return new ParquetConverter(instance, await instance.connect());
  }

  /** @param metadata is written as key-value metadata of the file */
  async convert(
    lines: string,
    file: string,
    columns: ParquetColumns,
    metadata: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const types = columns.map(([name, type]) => `'${name}': '${type}'`).join(', ');
    const pairs = Object.entries(metadata).map(([key, value]) => `${key}: ${toSqlLiteral(value)}`);
    const keyValues = pairs.length === 0 ? '' : `, KV_METADATA {${pairs.join(', ')}}`;
    await this.connection.run(
      `COPY (SELECT * FROM read_json(${toSqlLiteral(lines)}, format = 'newline_delimited', columns = {${types}}))
       TO ${toSqlLiteral(file)} (FORMAT parquet, COMPRESSION zstd${keyValues})`,
    );
  }

  close(): void {
    this.connection.closeSync();
    this.instance.closeSync();
  }
}
