import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { RawEvent } from '#libs/event-store/read-only';
import type { DecodedEvent } from '../events/event-columns.js';
import type { UnreadableEvents } from '../log/log-reader.js';
import { EVENT_COLUMNS_SQL, EventAppender } from './event-appender.js';
import { foldInvitations, INVITATIONS_QUERY, PERIOD_QUERY } from './folded-tables.js';
import { toSqlLiteral } from '../output/sql-literal.js';
import { TemporaryFolder } from '../output/temporary-folder.js';
import { openInstance, TABLES_MEMORY, useFile } from './file-tables.js';
import { loadOwnTables, type OwnTable } from './own-tables.js';
import { QueryResult } from './query-result.js';

/** The default memory limit of queries. DuckDB writes what exceeds it to files, so it is enough for any number of events. */
export const DEFAULT_MEMORY = '128MB';

export interface DatabaseOptions {
  /** The memory limit of queries in DuckDB's notation: `128MB`. */
  readonly memory: string;
  readonly tables?: readonly OwnTable[];
  /** A database file with the tables `events` and `invitations`, which is only read. Without it, they are empty. */
  readonly foldFile?: string | undefined;
  /** The only file that may be written. */
  readonly output?: string | undefined;
  /** Whether results without ORDER BY have the order of their source, which takes more memory. Default true. */
  readonly keepsOrder?: boolean | undefined;
}

/**
 * A DuckDB database with `events`, `invitations` and `period` in a temporary file, so that its memory does not grow with the
 * log. Its queries can access no file but the output, and its time zone is UTC.
 */
export class Database {
  private isLocked = false;

  private constructor(
    private readonly instance: DuckDBInstance,
    private readonly connection: DuckDBConnection,
    private readonly folder: TemporaryFolder,
    private readonly options: Pick<DatabaseOptions, 'memory' | 'output' | 'keepsOrder'>,
  ) {}

  static async open({ tables = [], foldFile, ...options }: DatabaseOptions): Promise<Database> {
    const folder = new TemporaryFolder();
    const instance = await openInstance(join(folder.path, 'spill'), options.memory);
    const connection = await instance.connect();
    const database = new Database(instance, connection, folder, options);
    try {
      const file = join(folder.path, 'tables.duckdb');
      await useFile(connection, file);
      // DuckDB has opened it. Without a name, nothing of it is left when the process is killed.
      rmSync(file);
      // Otherwise, queries would count days and weeks in the time zone of the analyst's machine.
      await connection.run("SET TimeZone = 'UTC'");
      if (foldFile === undefined) {
        await connection.run(`CREATE TABLE events (${EVENT_COLUMNS_SQL})`);
        await connection.run(`CREATE VIEW invitations AS ${INVITATIONS_QUERY}`);
      } else {
        await connection.run(`ATTACH ${toSqlLiteral(foldFile)} AS fold (READ_ONLY)`);
        await connection.run('CREATE VIEW events AS FROM fold.events');
        await connection.run('CREATE VIEW invitations AS FROM fold.invitations');
      }
      await connection.run(`CREATE VIEW period AS ${PERIOD_QUERY}`);
      await loadOwnTables(connection, tables);
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  }

  /**
   * Inserts events in the order of the log, before any query, except those that are unreadable.
   * @param disguise replaces the ids of members
   */
  async insert(
    batches: AsyncIterable<readonly RawEvent[]>,
    unreadable: UnreadableEvents,
    disguise?: (event: DecodedEvent) => DecodedEvent,
  ): Promise<void> {
    await this.connection.run(`SET memory_limit = '${TABLES_MEMORY}'`);
    const appender = await EventAppender.open(this.connection);
    try {
      for await (const batch of batches) appender.appendReadable(batch, unreadable, disguise);
    } finally {
      appender.close();
    }
  }

  /**
   * Folds the inserted events into the table of invitations, before any query. Without it, each query that names the invitations
   * folds them again, which takes far more memory.
   */
  async fold(eventsAtATime?: number): Promise<void> {
    await foldInvitations(this.connection, 'folded_invitations', eventsAtATime);
    await this.connection.run('CREATE OR REPLACE VIEW invitations AS FROM folded_invitations');
  }

  /**
   * Gives queries their memory and threads, and keeps a pasted one from reading or writing files or the network, and from
   * changing the settings.
   */
  private async lock(): Promise<void> {
    if (this.isLocked) return;
    const { connection } = this;
    const { memory, output, keepsOrder = true } = this.options;
    await connection.run(`SET memory_limit = '${memory}'`);
    await connection.run('SET threads = 2');
    if (keepsOrder) await connection.run('SET preserve_insertion_order = true');
    if (output !== undefined) await connection.run(`SET allowed_paths = [${toSqlLiteral(output)}]`);
    await connection.run('SET enable_external_access = false');
    await connection.run('SET lock_configuration = true');
    this.isLocked = true;
  }

  /** Runs the statements one after the other and yields the result of each. */
  async *query(sql: string): AsyncGenerator<QueryResult, void, void> {
    for await (const { result } of this.queryEach(sql)) yield result;
  }

  /** Like query, but says which result is the last. */
  async *queryEach(sql: string): AsyncGenerator<{ result: QueryResult; isLast: boolean }, void, void> {
    await this.lock();
    const statements = await this.connection.extractStatements(sql);
    for (let index = 0; index < statements.count; index += 1) {
      const statement = await statements.prepare(index);
      const result = new QueryResult(await statement.stream());
      yield { result, isLast: index === statements.count - 1 };
    }
  }

  /** Writes the rows of a result to the output as Parquet. */
  async writeParquet(result: QueryResult): Promise<void> {
    // The rows are fetched from the first connection meanwhile.
    const connection = await this.instance.connect();
    try {
      await connection.run('USE replay');
      await connection.run(`CREATE TABLE replay_output (${result.columnsSql})`);
      const appender = await connection.createAppender('replay_output');
      try {
        for await (const chunk of result.chunks()) appender.appendDataChunk(chunk);
      } finally {
        appender.closeSync();
      }
      await connection.run(
        `COPY replay_output TO ${toSqlLiteral(this.options.output!)} (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false)`,
      );
      await connection.run('DROP TABLE replay_output');
    } finally {
      connection.closeSync();
    }
  }

  close(): void {
    this.connection.closeSync();
    this.instance.closeSync();
    this.folder.close();
  }
}
