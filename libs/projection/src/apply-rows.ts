import type { Queryable } from '#libs/platform';
import { tableOf, type RowProjection, type Table } from './row-projection.js';
import { ofTheEvent } from './whose-failure.js';

/**
 * Folds a batch of events into the table of a generation: at most one read, one upsert and one delete, however many events.
 * @throws EventFailed when the fold throws
 */
export async function applyRows<Event, Row extends object>(
  tx: Queryable,
  projection: RowProjection<Event, Row>,
  generation: number,
  events: readonly Event[],
): Promise<void> {
  const keyed = ofTheEvent(() => events.map((event) => [event, projection.keysOf(event)] as const));
  const needed = ofTheEvent(() => neededRows(projection, keyed));
  const table = { ...projection.table, name: tableOf(projection.table, generation) };
  const before = await selectRows(tx, table, needed);
  const after = new Map<string, Row | undefined>(before);
  ofTheEvent(() => {
    for (const [event, own] of keyed) {
      for (const key of own) after.set(key, projection.fold(after.get(key), event, key));
    }
  });
  const upserts: Row[] = [];
  const deletes: string[] = [];
  for (const [key, row] of after) {
    if (row === before.get(key) && needed.has(key)) continue;
    if (row === undefined) deletes.push(key);
    else upserts.push(row);
  }
  await upsertRows(tx, table, upserts);
  await deleteRows(tx, table, deletes);
}

/** Keys whose rows are needed to begin with: the first event of a batch says so. */
function neededRows<Event, Row extends object>(
  projection: RowProjection<Event, Row>,
  keyed: readonly (readonly [Event, readonly string[]])[],
): ReadonlySet<string> {
  const seen = new Set<string>();
  const needed = new Set<string>();
  for (const [event, own] of keyed) {
    const startsAnew = projection.startsAnew?.(event) ?? false;
    for (const key of own) {
      if (!startsAnew && !seen.has(key)) needed.add(key);
      seen.add(key);
    }
  }
  return needed;
}

const columnsOf = (table: Table<object>) => Object.entries<string>(table.columns);
const keyOf = (table: Table<object>) => columnsOf(table)[0]![0];

async function selectRows<Row extends object>(
  tx: Queryable,
  table: Table<Row>,
  keys: ReadonlySet<string>,
): Promise<ReadonlyMap<string, Row>> {
  if (keys.size === 0) return new Map();
  const key = keyOf(table);
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
  if (keys.length > 0) await tx.query(`DELETE FROM ${table.name} WHERE ${keyOf(table)} = ANY($1)`, [keys]);
}
