import { UnknownEventError, type RawEvent } from '#libs/event-store';
import { runTogether, type Queryable } from '#libs/platform';
import { asEventFailure, EventHandlingError } from './event-failure.js';
import { generationTableName, type RowErasure, type RowProjection, type Table } from './row-projection.js';

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

interface MessageSink {
  readonly kind: 'messages';
  /**
   * Returns when the broker has confirmed every message. After a crash before the checkpoints have advanced, the same
   * messages are sent again.
   * @throws EventHandlingError; messages of earlier events are sent again with the next attempt
   */
  send(events: readonly RawEvent[]): Promise<void>;
}

/**
 * Prepares events for decoding, such as by decrypting their texts. It may read with the given connection.
 * @throws UnknownEventError when an event cannot be prepared
 */
type PrepareEvents = (db: Queryable, events: readonly RawEvent[]) => Promise<readonly RawEvent[]>;

/** @returns which of the members were erased. It must not be cached: see `withoutErased`. */
type FindErased = (db: Queryable, memberIds: readonly string[]) => Promise<ReadonlySet<string>>;

/** @throws EventHandlingError instead of UnknownEventError */
async function prepareOrFail(preparing: Promise<readonly RawEvent[]>): Promise<readonly RawEvent[]> {
  try {
    return await preparing;
  } catch (error) {
    throw error instanceof UnknownEventError ? new EventHandlingError(error) : error;
  }
}

/**
 * @param prepare runs before the events are decoded, in the transaction that writes the rows
 * @param findErased without it, nothing of erased members is removed from the rows
 */
export function tableSink<Event, Row extends object>(
  projection: RowProjection<Event, Row>,
  decode: (raw: RawEvent) => Event,
  prepare?: PrepareEvents,
  findErased?: FindErased,
): TableSink {
  return {
    kind: 'table',
    write: async (tx, generation, events) => {
      const ready = prepare === undefined ? events : await prepareOrFail(prepare(tx, events));
      await applyRows(
        tx,
        projection,
        generation,
        asEventFailure(() => ready.map(decode)),
        findErased,
      );
    },
  };
}

/**
 * @param messageAfter maps an event to its message; undefined if the event has none
 * @param send sends messages in their order
 * @param prepare runs before the events are mapped
 * @param pagesAfter maps an event to many messages, which are sent page by page instead of the one message; undefined for
 *   other events
 */
export function messageSink<Message>(
  messageAfter: (raw: RawEvent) => Message | undefined,
  send: (messages: readonly Message[]) => Promise<void>,
  prepare?: (events: readonly RawEvent[]) => Promise<readonly RawEvent[]>,
  pagesAfter: (raw: RawEvent) => MessagePages<Message> | undefined = () => undefined,
): MessageSink {
  return {
    kind: 'messages',
    send: async (events) => {
      const ready = prepare === undefined ? events : await prepareOrFail(prepare(events));
      const parts = asEventFailure(() => toParts(ready, messageAfter, pagesAfter));
      for (const pages of parts) for await (const page of pages) await send(page);
    },
  };
}

/** Messages by page. A page is made only after the one before it was sent. */
export type MessagePages<Message> = AsyncIterable<readonly Message[]>;

/** Joins single messages up to the next event that has pages, so that all messages are sent in the order of their events. */
function toParts<Message>(
  events: readonly RawEvent[],
  messageAfter: (raw: RawEvent) => Message | undefined,
  pagesAfter: (raw: RawEvent) => MessagePages<Message> | undefined,
): readonly (MessagePages<Message> | readonly [readonly Message[]])[] {
  let single: Message[] = [];
  const parts: (MessagePages<Message> | readonly [readonly Message[]])[] = [[single]];
  for (const event of events) {
    const pages = pagesAfter(event);
    if (pages !== undefined) {
      single = [];
      parts.push(pages, [single]);
      continue;
    }
    const message = messageAfter(event);
    if (message !== undefined) single.push(message);
  }
  return parts;
}

/**
 * Folds a batch of events into the table of a generation, with at most one read, one upsert and one delete, and one statement
 * that looks for erased members.
 * @throws EventHandlingError when the fold throws
 */
export async function applyRows<Event, Row extends object>(
  tx: Queryable,
  projection: RowProjection<Event, Row>,
  generation: number,
  events: readonly Event[],
  findErased?: FindErased,
): Promise<void> {
  const keyed = asEventFailure(() => events.map((event) => [event, projection.keysOf(event)] as const));
  const keysToRead = asEventFailure(() => selectKeysToRead(projection, keyed));
  const table = { ...projection.table, name: generationTableName(projection.table, generation) };
  const before = await selectRows(tx, table, keysToRead);
  const folded = new Map<string, Row | undefined>(before);
  asEventFailure(() => {
    for (const [event, keys] of keyed) {
      for (const key of keys) folded.set(key, projection.fold(folded.get(key), event, key));
    }
  });
  const after = await withoutErased(tx, projection.erasure, folded, findErased);
  const upserts: Row[] = [];
  const deletes: string[] = [];
  for (const [key, row] of after) {
    if (row === before.get(key) && keysToRead.has(key)) continue;
    if (row === undefined) deletes.push(key);
    else upserts.push(row);
  }
  await runTogether(tx, [() => upsertRows(tx, table, upserts), () => deleteRows(tx, table, deletes)]);
}

/**
 * Removes what the rows hold of erased members. The transaction has locked its slices before, and an erasure locks them after it
 * has recorded the member as erased: so either this statement finds the record, or the erasure finds the rows.
 */
async function withoutErased<Row extends object>(
  tx: Queryable,
  erasure: RowErasure<Row> | undefined,
  rows: ReadonlyMap<string, Row | undefined>,
  findErased: FindErased | undefined,
): Promise<ReadonlyMap<string, Row | undefined>> {
  if (erasure === undefined || findErased === undefined) return rows;
  const members = new Set<string>();
  for (const row of rows.values())
    if (row !== undefined) erasure.membersOf(row).forEach((id) => members.add(id));
  if (members.size === 0) return rows;
  const erased = await findErased(tx, [...members]);
  if (erased.size === 0) return rows;
  const isErased = (id: string) => erased.has(id);
  return new Map([...rows].map(([key, row]) => [key, row && erasure.without(row, isErased)]));
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
