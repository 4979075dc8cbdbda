import {
  DuckDBDataChunk,
  DuckDBTimestampTZValue,
  INTEGER,
  TIMESTAMPTZ,
  UBIGINT,
  VARCHAR,
  type DuckDBAppender,
  type DuckDBConnection,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';
import type { RawEvent } from '#libs/event-store/read-only';
import { COLUMNS, type DecodedEvent, type EventColumn } from '../events/event-columns.js';
import type { UnreadableEvents } from '../log/log-reader.js';

const TYPES: Readonly<Record<EventColumn['type'], DuckDBType>> = { VARCHAR, UBIGINT, INTEGER, TIMESTAMPTZ };

/** The number of rows in a data chunk of DuckDB. */
const ROWS_PER_CHUNK = 2_048;
const MICROS_PER_MS = 1_000n;

/** The columns of the table `events`, as its CREATE TABLE has them. */
export const EVENT_COLUMNS_SQL = COLUMNS.map(({ name, type }) => `${name} ${type}`).join(', ');

/** Appends events to the table `events` in chunks, so that it holds no more than one of them. */
export class EventAppender {
  private readonly rows: DecodedEvent[] = [];

  private constructor(private readonly appender: DuckDBAppender) {}

  static async open(connection: DuckDBConnection): Promise<EventAppender> {
    return new EventAppender(await connection.createAppender('events'));
  }

  private append(event: DecodedEvent): void {
    this.rows.push(event);
    if (this.rows.length === ROWS_PER_CHUNK) this.appendChunk();
  }

  /** Appends the events of a batch that this version can read. */
  appendReadable(
    batch: readonly RawEvent[],
    unreadable: UnreadableEvents,
    disguise: (event: DecodedEvent) => DecodedEvent = (event) => event,
  ): void {
    for (const raw of batch) {
      const read = unreadable.decode(raw);
      if (read !== undefined) this.append(disguise({ raw, event: read.event }));
    }
  }

  /** Makes the events visible to queries. */
  close(): void {
    if (this.rows.length > 0) this.appendChunk();
    this.appender.closeSync();
  }

  private appendChunk(): void {
    const rows = this.rows.splice(0);
    const chunk = DuckDBDataChunk.create(
      COLUMNS.map(({ type }) => TYPES[type]),
      rows.length,
    );
    chunk.setColumns(COLUMNS.map((column) => rows.map((row) => toDuckDbValue(column, row))));
    this.appender.appendDataChunk(chunk);
  }
}

function toDuckDbValue(column: EventColumn, row: DecodedEvent): DuckDBValue {
  const value = column.extract(row);
  if (value === undefined) return null;
  return column.type === 'TIMESTAMPTZ'
    ? new DuckDBTimestampTZValue(BigInt(Date.parse(String(value))) * MICROS_PER_MS)
    : value;
}
