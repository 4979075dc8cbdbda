/** A page of a list, newest first. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** The cursor of the next page; absent at the end. */
  readonly next?: string;
}

export interface PageRequest {
  /** 1 to 100. */
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** A list's order: by time, and by id where times are equal, so that no page skips or repeats an item. */
export interface Keyset {
  readonly at: string;
  readonly id: string;
}

export const encodeCursor = ({ at, id }: Keyset): string => Buffer.from(`${at} ${id}`).toString('base64url');

/** Of what ids are made of, and years that PostgreSQL can read: a cursor comes from outside and goes into a query. */
const ID = /^[A-Za-z0-9_.-]+$/;
const INSTANT = /^[1-9]\d{3}-/;

/** The place behind which a page begins; undefined for a cursor that is none of ours. */
export function decodeCursor(cursor: string): Keyset | undefined {
  const [at, id, ...rest] = Buffer.from(cursor, 'base64url').toString().split(' ');
  if (at === undefined || id === undefined || rest.length > 0) return undefined;
  const time = new Date(at);
  if (Number.isNaN(time.getTime()) || time.toISOString() !== at) return undefined;
  return INSTANT.test(at) && ID.test(id) ? { at, id } : undefined;
}

/** A cursor that was not made by this list. */
export class InvalidCursor extends Error {}

/** Later than any invitation: where the first page begins. */
const TOP: Keyset = { at: '9999-12-31T23:59:59.999Z', id: '' };

/**
 * Runs a list's query, which takes the place to begin behind as time and id and one more item than the page holds.
 * @throws InvalidCursor
 */
export async function pageOf<Item>(
  { limit, cursor }: PageRequest,
  query: (behind: Keyset, limit: number) => Promise<readonly Item[]>,
  keyset: (item: Item) => Keyset,
): Promise<Page<Item>> {
  const behind = cursor === undefined ? TOP : decodeCursor(cursor);
  if (behind === undefined) throw new InvalidCursor('cursor is not one that a list returned');
  const rows = await query(behind, limit + 1);
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return rows.length > limit && last !== undefined ? { items, next: encodeCursor(keyset(last)) } : { items };
}
