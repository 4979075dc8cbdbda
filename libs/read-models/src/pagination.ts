import type { NamedStatement } from '#libs/platform';

/** A page of a list, newest first. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** The cursor of the next page; absent on the last page. */
  readonly next?: string;
}

export interface PageRequest {
  /** 1 to 100. */
  readonly limit: number;
  readonly cursor?: string | undefined;
  /** Only items that contain this text, in a name or a message. Not every list can be searched. */
  readonly search?: string | undefined;
  /** Ends the page before the item with which the texts of all exceed this many bytes, but not before the first one. */
  readonly maxTextBytes?: number;
}

/** Lists are ordered by time, and by id where times are equal, so that no page skips or repeats an item. */
interface Keyset {
  readonly at: string;
  readonly id: string;
}

/** The characters of ids, and the years that PostgreSQL can read. A cursor comes from outside and goes into a query. */
const ID = /^[A-Za-z0-9_.-]+$/;
const INSTANT = /^[1-9]\d{3}-/;

/** The cursor was not returned by a list. */
export class InvalidCursorError extends Error {
  override readonly name = 'InvalidCursorError';
}

/** Later than any invitation. */
const FIRST_PAGE: Keyset = { at: '9999-12-31T23:59:59.999Z', id: '' };

/**
 * Reads one page of a list.
 * @param query returns at most `limit` items that come after the keyset
 * @param textBytesOf the size of an item's texts, for `maxTextBytes`
 * @throws InvalidCursorError
 */
export async function paginate<Item>(
  { limit, cursor, maxTextBytes = Infinity }: PageRequest,
  query: (after: Keyset, limit: number) => Promise<readonly Item[]>,
  keysetOf: (item: Item) => Keyset,
  textBytesOf: (item: Item) => number = () => 0,
): Promise<Page<Item>> {
  const after = cursor === undefined ? FIRST_PAGE : decodeCursor(cursor);
  if (after === undefined) throw new InvalidCursorError('cursor is not one that a list returned');
  // One more item than the page holds shows whether there is a next page.
  const rows = await query(after, limit + 1);
  let bytes = 0;
  const tooMuch = rows.findIndex((row) => (bytes += textBytesOf(row)) > maxTextBytes);
  const items = rows.slice(0, tooMuch === -1 ? limit : Math.min(limit, Math.max(1, tooMuch)));
  const last = items.at(-1);
  return rows.length > items.length && last !== undefined
    ? { items, next: encodeCursor(keysetOf(last)) }
    : { items };
}

/** The statements of a list: all rows, and those that match a text. */
export interface SearchableList {
  readonly all: NamedStatement;
  readonly matching: NamedStatement;
}

/** The statement of a page with its values: that of the matching rows if a text is searched. */
export function statementOf(
  { all, matching }: SearchableList,
  values: unknown[],
  search: string | undefined,
) {
  return search === undefined
    ? { ...all, values }
    : { ...matching, values: [...values, `%${search.replaceAll(/[\\%_]/g, '\\$&')}%`] };
}

const encodeCursor = ({ at, id }: Keyset): string => Buffer.from(`${at} ${id}`).toString('base64url');

/** Returns undefined if `encodeCursor` cannot have made the cursor. */
function decodeCursor(cursor: string): Keyset | undefined {
  const [at, id, ...rest] = Buffer.from(cursor, 'base64url').toString().split(' ');
  if (at === undefined || id === undefined || rest.length > 0) return undefined;
  const time = new Date(at);
  if (Number.isNaN(time.getTime()) || time.toISOString() !== at) return undefined;
  return INSTANT.test(at) && ID.test(id) ? { at, id } : undefined;
}
