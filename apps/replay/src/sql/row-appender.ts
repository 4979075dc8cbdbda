import {
  DuckDBDataChunk,
  type DuckDBAppender,
  type DuckDBConnection,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';
import { ROWS_PER_GROUP } from './file-tables.js';

/** The number of rows in a data chunk of DuckDB. */
const ROWS_PER_CHUNK = 2_048;

/** Appends rows to a table in chunks, and holds no more than one group of rows. */
export class RowAppender {
  private readonly columns: DuckDBValue[][];
  /** Reused, because the memory of a chunk is freed no sooner than its object is collected. */
  private readonly chunk: DuckDBDataChunk;
  private unwritten = 0;

  private constructor(
    private readonly appender: DuckDBAppender,
    types: readonly DuckDBType[],
  ) {
    this.columns = types.map(() => []);
    this.chunk = DuckDBDataChunk.create(types);
  }

  /** @param types those of all columns of the table */
  static async open(
    connection: DuckDBConnection,
    table: string,
    types: readonly DuckDBType[],
  ): Promise<RowAppender> {
    return new RowAppender(await connection.createAppender(table), types);
  }

  append(row: readonly DuckDBValue[]): void {
    this.columns.forEach((values, index) => values.push(row[index]!));
    if (this.columns[0]!.length === ROWS_PER_CHUNK) this.appendChunk();
  }

  /** Makes the rows visible to queries. */
  close(): void {
    if (this.columns[0]!.length > 0) this.appendChunk();
    this.appender.closeSync();
  }

  private appendChunk(): void {
    const { appender, chunk } = this;
    const rows = this.columns[0]!.length;
    chunk.reset();
    chunk.rowCount = rows;
    this.columns.forEach((values, index) => chunk.setColumnValues(index, values.splice(0)));
    appender.appendDataChunk(chunk);
    this.unwritten += rows;
    // By default, an appender holds a hundred chunks.
    if (this.unwritten < ROWS_PER_GROUP) return;
    appender.flushSync();
    this.unwritten = 0;
  }
}
