import {
  DuckDBDataChunk,
  DuckDBInstance,
  DuckDBTimestampValue,
  INTEGER,
  TIMESTAMP,
  UBIGINT,
  VARCHAR,
  type DuckDBConnection,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';
import { decoded, type RecordedEvent } from '#libs/event-store/reading';
import { COLUMNS, type Column, type ReadEvent } from '../events/columns.js';
import { INVITATIONS_VIEW } from './invitations-view.js';
import { Result } from './result.js';

const TYPES: Readonly<Record<Column['type'], DuckDBType>> = { VARCHAR, UBIGINT, INTEGER, TIMESTAMP };

/** Enough for some millions of events. */
export const MEMORY = '2GB';

/** As many rows as a chunk of DuckDB's takes. */
const CHUNK = 2_048;
const MICROS = 1_000n;

/** The tables that queries are asked of: in memory, and out of reach of any file. */
export class Database {
  private readonly waiting: ReadEvent[] = [];

  private constructor(
    private readonly instance: DuckDBInstance,
    private readonly connection: DuckDBConnection,
  ) {}

  /** @param memory the most that DuckDB may take, as it writes it: `2GB` */
  static async open(memory: string): Promise<Database> {
    const instance = await DuckDBInstance.create(':memory:', {
      memory_limit: memory,
      temp_directory: '',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      // A query reads and writes no file and no network, whatever its author wrote, or was made to paste.
      enable_external_access: 'false',
    });
    const connection = await instance.connect();
    const columns = COLUMNS.map(({ name, type }) => `${name} ${type}`).join(', ');
    await connection.run(`CREATE TABLE events (${columns})`);
    await connection.run(INVITATIONS_VIEW);
    await connection.run('SET lock_configuration = true');
    return new Database(instance, connection);
  }

  /** Events as the log has them, in its order. */
  async fill(batches: AsyncIterable<readonly RecordedEvent[]>): Promise<void> {
    for await (const batch of batches) {
      for (const recorded of batch) this.waiting.push({ recorded, event: decoded(recorded).event });
      if (this.waiting.length >= CHUNK) await this.append();
    }
    await this.append();
  }

  private async append(): Promise<void> {
    const appender = await this.connection.createAppender('events');
    while (this.waiting.length > 0) {
      const rows = this.waiting.splice(0, CHUNK);
      const chunk = DuckDBDataChunk.create(
        COLUMNS.map(({ type }) => TYPES[type]),
        rows.length,
      );
      chunk.setColumns(COLUMNS.map((column) => rows.map((row) => valueOf(column, row))));
      appender.appendDataChunk(chunk);
    }
    appender.closeSync();
  }

  /** Each statement's result, one after the other. */
  async *ask(sql: string): AsyncGenerator<Result, void, void> {
    const statements = await this.connection.extractStatements(sql);
    for (let index = 0; index < statements.count; index += 1) {
      const statement = await statements.prepare(index);
      yield new Result(await statement.stream());
    }
  }

  close(): void {
    this.connection.closeSync();
    this.instance.closeSync();
  }
}

function valueOf(column: Column, row: ReadEvent): DuckDBValue {
  const value = column.of(row);
  if (value === undefined) return null;
  return column.type === 'TIMESTAMP'
    ? new DuckDBTimestampValue(BigInt(Date.parse(String(value))) * MICROS)
    : value;
}
