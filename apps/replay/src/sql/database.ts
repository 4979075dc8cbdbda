import {
  DuckDBDataChunk,
  DuckDBInstance,
  DuckDBTimestampValue,
  INTEGER,
  JsonDuckDBValueConverter,
  TIMESTAMP,
  UBIGINT,
  VARCHAR,
  type DuckDBConnection,
  type DuckDBResult,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';
import type { RawEvent } from '#libs/event-store/read-only';
import { COLUMNS, type DecodedEvent, type EventColumn } from '../events/event-columns.js';
import type { UnreadableEvents } from '../log/log-reader.js';

const TYPES: Readonly<Record<EventColumn['type'], DuckDBType>> = { VARCHAR, UBIGINT, INTEGER, TIMESTAMP };

/** The default memory limit, which is enough for some millions of events. */
export const DEFAULT_MEMORY = '2GB';

/** The number of rows in a data chunk of DuckDB. */
const ROWS_PER_CHUNK = 2_048;
const MICROS_PER_MS = 1_000n;

/** An in-memory DuckDB database with the table `events` and the view `invitations`. It cannot access files. */
export class Database {
  private readonly buffer: DecodedEvent[] = [];

  private constructor(
    private readonly instance: DuckDBInstance,
    private readonly connection: DuckDBConnection,
  ) {}

  /** @param memory the memory limit in DuckDB's notation: `2GB` */
  static async open(memory: string): Promise<Database> {
    const instance = await DuckDBInstance.create(':memory:', {
      memory_limit: memory,
      temp_directory: '',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      // Keeps a pasted query from reading or writing files or the network.
      enable_external_access: 'false',
    });
    const connection = await instance.connect();
    const columns = COLUMNS.map(({ name, type }) => `${name} ${type}`).join(', ');
    await connection.run(`CREATE TABLE events (${columns})`);
    await connection.run(INVITATIONS_VIEW);
    await connection.run('SET lock_configuration = true');
    return new Database(instance, connection);
  }

  /** Inserts events in the order of the log, except those that are unreadable. */
  async insert(batches: AsyncIterable<readonly RawEvent[]>, unreadable: UnreadableEvents): Promise<void> {
    for await (const batch of batches) {
      for (const raw of batch) {
        const read = unreadable.decode(raw);
        if (read !== undefined) this.buffer.push({ raw, event: read.event });
      }
      if (this.buffer.length >= ROWS_PER_CHUNK) await this.flush();
    }
    await this.flush();
  }

  private async flush(): Promise<void> {
    const appender = await this.connection.createAppender('events');
    while (this.buffer.length > 0) {
      const rows = this.buffer.splice(0, ROWS_PER_CHUNK);
      const chunk = DuckDBDataChunk.create(
        COLUMNS.map(({ type }) => TYPES[type]),
        rows.length,
      );
      chunk.setColumns(COLUMNS.map((column) => rows.map((row) => toDuckDbValue(column, row))));
      appender.appendDataChunk(chunk);
    }
    appender.closeSync();
  }

  /** Runs the statements one after the other and yields the result of each. */
  async *query(sql: string): AsyncGenerator<QueryResult, void, void> {
    const statements = await this.connection.extractStatements(sql);
    for (let index = 0; index < statements.count; index += 1) {
      const statement = await statements.prepare(index);
      yield new QueryResult(await statement.stream());
    }
  }

  close(): void {
    this.connection.closeSync();
    this.instance.closeSync();
  }
}

function toDuckDbValue(column: EventColumn, row: DecodedEvent): DuckDBValue {
  const value = column.extract(row);
  if (value === undefined) return null;
  return column.type === 'TIMESTAMP'
    ? new DuckDBTimestampValue(BigInt(Date.parse(String(value))) * MICROS_PER_MS)
    : value;
}

/** A value in JSON: an instant is ISO 8601 text as in events, a count is a number. */
export type JsonValue = null | boolean | number | string | readonly unknown[] | object;

/** The rows of one statement, which are fetched while they are read. */
export class QueryResult {
  readonly columns: readonly string[];
  private readonly types: readonly DuckDBType[];

  constructor(private readonly result: DuckDBResult) {
    this.columns = result.deduplicatedColumnNames();
    this.types = result.columnTypes();
  }

  isNumeric(column: number): boolean {
    return /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL.*)$/.test(String(this.types[column]));
  }

  async *rows(): AsyncGenerator<readonly JsonValue[], void, void> {
    for (;;) {
      const chunk = await this.result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) return;
      for (const row of chunk.getRows())
        yield row.map((value, column) => toJsonValue(value, this.types[column]!));
    }
  }
}

function toJsonValue(value: DuckDBValue, type: DuckDBType): JsonValue {
  if (value instanceof DuckDBTimestampValue)
    return new Date(Number(value.micros / MICROS_PER_MS)).toISOString();
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  if (value === null || typeof value !== 'object') return value;
  const json = JsonDuckDBValueConverter(value, type, JsonDuckDBValueConverter) as JsonValue;
  return String(type).startsWith('DECIMAL') ? Number(json) : json;
}

/**
 * One row for each invitation, folded from the table `events`. A test checks that `status` is what the domain's `evolve`
 * yields.
 */
const INVITATIONS_VIEW = `
CREATE VIEW invitations AS
WITH later AS (
  SELECT invitation_id,
    min(happened_at) FILTER (type = 'InvitationAccepted') AS accepted_at,
    any_value(via) FILTER (type = 'InvitationAccepted') AS accepted_via,
    min(happened_at) FILTER (type = 'InvitationReplied') AS replied_at,
    min(happened_at) FILTER (type = 'InvitationIgnored') AS ignored_at,
    min(happened_at) FILTER (type = 'InvitationDeclined') AS declined_at,
    min(happened_at) FILTER (type = 'InvitationWithdrawn') AS withdrawn_at,
    arg_min(type, position) FILTER (type IN ('InvitationAccepted', 'InvitationReplied', 'InvitationIgnored')) AS answer,
    count(*) FILTER (type = 'InvitationReminderDue') AS reminders
  FROM events WHERE invitation_id IS NOT NULL AND type <> 'InvitationSent' GROUP BY invitation_id
), replaced AS (
  SELECT coalesce(supersedes, closes) AS invitation_id, min(happened_at) AS superseded_at, any_value(invitation_id) AS followed_up_by
  FROM events WHERE supersedes IS NOT NULL OR closes IS NOT NULL GROUP BY 1
), folded AS (
  SELECT sent.invitation_id, sent.inviter_id, sent.recipient_id, sent.message, sent.position, sent.happened_at AS sent_at,
    CASE
      WHEN superseded_at IS NOT NULL THEN 'superseded'
      WHEN withdrawn_at IS NOT NULL THEN 'withdrawn'
      WHEN accepted_at IS NOT NULL THEN 'accepted'
      WHEN declined_at IS NOT NULL THEN 'declined'
      WHEN replied_at IS NOT NULL THEN 'replied'
      WHEN ignored_at IS NOT NULL THEN 'ignored'
      ELSE 'untouched'
    END AS status,
    CASE answer
      WHEN 'InvitationAccepted' THEN 'accepted'
      WHEN 'InvitationReplied' THEN 'replied'
      WHEN 'InvitationIgnored' THEN 'ignored'
    END AS first_answer,
    least(accepted_at, replied_at, ignored_at) AS answered_at,
    accepted_at, accepted_via, replied_at, ignored_at, declined_at, withdrawn_at, superseded_at, followed_up_by,
    coalesce(reminders, 0) AS reminders,
    sent.supersedes AS follow_up_of,
    row_number() OVER (PARTITION BY sent.inviter_id, sent.recipient_id ORDER BY sent.position) AS nth_to_recipient
  FROM events AS sent LEFT JOIN later USING (invitation_id) LEFT JOIN replaced USING (invitation_id)
  WHERE sent.type = 'InvitationSent'
)
SELECT invitation_id, inviter_id, recipient_id, message, position, sent_at, status,
  first_answer, answered_at,
  (epoch_ms(answered_at) - epoch_ms(sent_at)) / 3600000 AS hours_to_answer,
  accepted_at, accepted_via,
  (epoch_ms(accepted_at) - epoch_ms(sent_at)) / 3600000 AS hours_to_accept,
  replied_at, ignored_at, declined_at, withdrawn_at, superseded_at,
  reminders,
  CASE WHEN answered_at IS NOT NULL THEN reminders END AS reminders_before_answer,
  follow_up_of, followed_up_by, nth_to_recipient
FROM folded`;
