/**
 * A read model as a pure fold: which rows an event concerns, and what becomes of each. The same code builds the live
 * table and answers "as of" questions in memory.
 */
export interface RowProjection<Event, Row extends object> {
  readonly name: string;
  readonly table: Table<Row>;
  /** Keys of the rows that the event concerns. Empty: none of this projection's business. */
  keysOf(event: Event): readonly string[];
  /** The row after the event; undefined where there is none. Applying an event again to its result changes nothing. */
  fold(row: Row | undefined, event: Event, key: string): Row | undefined;
  /** Whether the row after the event is the same whatever it was before: it need not be read then. Without it: never. */
  startsAnew?(event: Event): boolean;
}

/** Where the rows are kept. The first column is the key. */
export interface Table<Row extends object> {
  /** With its schema. It is a view of the live generation's table: `read_models.inbox` of `read_models.inbox_g1`. */
  readonly name: string;
  /** Each column with its PostgreSQL type. */
  readonly columns: { readonly [Column in keyof Row & string]: string };
}

/** Where the rows of a generation are. */
export const tableOf = ({ name }: { readonly name: string }, generation: number): string =>
  `${name}_g${generation}`;
