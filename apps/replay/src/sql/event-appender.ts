import {
  DuckDBTimestampTZValue,
  INTEGER,
  TIMESTAMPTZ,
  UBIGINT,
  VARCHAR,
  type DuckDBConnection,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';
import type { RawEvent } from '#libs/event-store/read-only';
import { COLUMNS, type DecodedEvent, type EventColumn } from '../events/event-columns.js';
import type { UnreadableEvents } from '../log/log-reader.js';
import { RowAppender } from './row-appender.js';

const TYPES: Readonly<Record<EventColumn['type'], DuckDBType>> = { VARCHAR, UBIGINT, INTEGER, TIMESTAMPTZ };

const MICROS_PER_MS = 1_000n;

/** The columns of the table `events`, as its CREATE TABLE has them. */
export const EVENT_COLUMNS_SQL = COLUMNS.map(({ name, type }) => `${name} ${type}`).join(', ');

/** Appends events to the table `events`. */
export class EventAppender {
  private constructor(private readonly rows: RowAppender) {}

  static async open(connection: DuckDBConnection): Promise<EventAppender> {
    const types = COLUMNS.map(({ type }) => TYPES[type]);
    return new EventAppender(await RowAppender.open(connection, 'events', types));
  }

  /** Appends the events of a batch that this version can read. */
  appendReadable(
    batch: readonly RawEvent[],
    unreadable: UnreadableEvents,
    disguise: (event: DecodedEvent) => DecodedEvent = (event) => event,
  ): void {
    for (const raw of batch) {
      const read = unreadable.decode(raw);
      if (read === undefined) continue;
      const event = disguise({ raw, event: read.event });
      this.rows.append(COLUMNS.map((column) => toDuckDbValue(column, event)));
    }
  }

  /** Makes the events visible to queries. */
  close(): void {
    this.rows.close();
  }
}

function toDuckDbValue(column: EventColumn, row: DecodedEvent): DuckDBValue {
  const value = column.extract(row);
  if (value === undefined || value === null) return null;
  return column.type === 'TIMESTAMPTZ'
    ? new DuckDBTimestampTZValue(BigInt(Date.parse(String(value))) * MICROS_PER_MS)
    : value;
}
