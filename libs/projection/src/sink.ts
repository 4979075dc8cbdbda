import type { RawEvent } from '#libs/event-store';
import { runTogether, type Queryable } from '#libs/platform';
import { asEventFailure } from './event-failure.js';
import { generationTableName, type RowProjection, type Table } from './row-projection.js';

/**
 * Where a projection writes: rows in the transaction of its checkpoints, or messages before that transaction. Rows take
 * effect exactly once; messages are delivered at least once.
 */
export type Sink = TableSink | MessageSink;

export interface TableSink {
  readonly kind: 'table';
  /** Writes the rows of all events. If it throws, the caller rolls the transaction back. */
  write(tx: Queryable, generation: number, events: readonly RawEvent[]): Promise<void>;
}

export interface MessageSink {
  readonly kind: 'messages';
  /**
   * Returns when the broker has confirmed every message. After a crash before the checkpoints have advanced, the same
   * messages are sent again.
   * @throws EventHandlingError; messages of earlier events are sent again with the next attempt
   */
  send(events: readonly RawEvent[]): Promise<void>;
}

export function tableSink<Event, Row extends object>(
  projection: RowProjection<Event, Row>,
  decode: (raw: RawEvent) => Event,
): TableSink {
  return {
    kind: 'table',
    write: async (tx, generation, events) =>
      applyRows(
        tx,
        projection,
        generation,
        asEventFailure(() => events.map(decode)),
      ),
  };
}

/**
 * @param messageAfter maps an event to its message; undefined if the event has none
 * @param send sends messages in their order
 */
export function messageSink<Message>(
  messageAfter: (raw: RawEvent) => Message | undefined,
  send: (messages: readonly Message[]) => Promise<void>,
): MessageSink {
  return {
    kind: 'messages',
    send: async (events) =>
      send(asEventFailure(() => events.map(messageAfter).filter((message) => message !== undefined))),
  };
}

/**
 * Folds a batch of events into the table of a generation, with at most one read, one upsert and one delete.
 * @throws EventHandlingError when the fold throws
 */
export async function applyRows<Event, Row extends object>(
  tx: Queryable,
  projection: RowProjection<Event, Row>,
  generation: number,
  events: readonly Event[],
): Promise<void> {
  const keyed = asEventFailure(() => events.map((event) => [event, projection.keysOf(event)] as const));
  const keysToRead = asEventFailure(() => selectKeysToRead(projection, keyed));
  const table = { ...projection.table, name: generationTableName(projection.table, generation) };
  const before = await selectRows(tx, table, keysToRead);
  const after = new Map<string, Row | undefined>(before);
  asEventFailure(() => {
    for (const [event, keys] of keyed) {
      for (const key of keys) after.set(key, projection.fold(after.get(key), event, key));
    }
  });
  const upserts: Row[] = [];
  const deletes: string[] = [];
  for (const [key, row] of after) {
    if (row === before.get(key) && keysToRead.has(key)) continue;
    if (row === undefined) deletes.push(key);
    else upserts.push(row);
  }
  await runTogether(tx, [() => upsertRows(tx, table, upserts), () => deleteRows(tx, table, deletes)]);
}

/** A row is read unless its first event in the batch ignores the previous row. */
function selectKeysToRead<Event, Row extends object>(
  projection: RowProjection<Event, Row>,
  keyed: readonly (readonly [Event, readonly string[]])[],
): ReadonlySet<string> {
  const seen = new Set<string>();
  const keysToRead = new Set<string>();
  for (const [event, keys] of keyed) {
    const ignoresPreviousRow = projection.ignoresPreviousRow?.(event) ?? false;
    for (const key of keys) {
      if (!ignoresPreviousRow && !seen.has(key)) keysToRead.add(key);
      seen.add(key);
    }
  }
  return keysToRead;
}

const columnsOf = (table: Table<object>) => Object.entries<string>(table.columns);
const keyColumnOf = (table: Table<object>) => columnsOf(table)[0]![0];

async function selectRows<Row extends object>(
  tx: Queryable,
  table: Table<Row>,
  keys: ReadonlySet<string>,
): Promise<ReadonlyMap<string, Row>> {
  if (keys.size === 0) return new Map();
  const key = keyColumnOf(table);
  const columns = columnsOf(table).map(([column]) => column);
  const { rows } = await tx.query<Row>(
    `SELECT ${columns.join(', ')} FROM ${table.name} WHERE ${key} = ANY($1)`,
    [[...keys]],
  );
  return new Map(rows.map((row) => [(row as Record<string, string>)[key]!, row]));
}

async function upsertRows<Row extends object>(tx: Queryable, table: Table<Row>, rows: Row[]): Promise<void> {
  if (rows.length === 0) return;
  const columns = columnsOf(table);
  const names = columns.map(([name]) => name);
  const arrays = columns.map(([, type], index) => `$${index + 1}::${type}[]`);
  const changes = names.slice(1).map((name) => `${name} = excluded.${name}`);
  await tx.query(
    `INSERT INTO ${table.name} (${names.join(', ')}) SELECT * FROM unnest(${arrays.join(', ')})
     ON CONFLICT (${names[0]}) DO UPDATE SET ${changes.join(', ')}`,
    names.map((name) => rows.map((row) => (row as Record<string, unknown>)[name] ?? null)),
  );
}

async function deleteRows(tx: Queryable, table: Table<object>, keys: string[]): Promise<void> {
  if (keys.length > 0)
    await tx.query(`DELETE FROM ${table.name} WHERE ${keyColumnOf(table)} = ANY($1)`, [keys]);
}
