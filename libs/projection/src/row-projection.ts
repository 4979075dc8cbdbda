/**
 * A read model as a pure fold from events to rows. The same code maintains the live table, rebuilds it, and answers
 * "as of" questions in memory.
 */
export interface RowProjection<Event, Row extends object> {
  readonly name: string;
  /** Raised when `fold` makes other rows of the same events although its own text is unchanged. */
  readonly version?: number;
  readonly table: Table<Row>;
  /** @returns keys of the rows that the event changes; empty if the projection ignores the event */
  keysOf(event: Event): readonly string[];
  /**
   * @returns the row after the event; undefined deletes it. Applying an event again to its result changes nothing,
   * because a batch may be applied twice.
   */
  fold(row: Row | undefined, event: Event, key: string): Row | undefined;
  /** @returns true if `fold` does not use the previous row for this event, which then need not be read */
  ignoresPreviousRow?(event: Event): boolean;
  /** What the erasure of a member changes in the rows. Absent if the rows hold nothing of a member. */
  readonly erasure?: RowErasure<Row>;
}

/** Applied to every row before it is written, so that neither events in flight nor a rebuild bring back what was erased. */
export interface RowErasure<Row extends object> {
  /** @returns the members whose erasure changes the row */
  membersOf(row: Row): readonly string[];
  /** @returns the row without the texts of erased members; undefined if it is a row of one of them */
  without<Kept extends Row>(row: Kept, isErased: (memberId: string) => boolean): Kept | undefined;
}

/** The table of the rows. Its first column is the key. */
export interface Table<Row extends object> {
  /** Qualified with its schema: `read_models.inbox`, a view of the live generation's table `read_models.inbox_g1`. */
  readonly name: string;
  /** Each column with its PostgreSQL type. */
  readonly columns: { readonly [Column in keyof Row & string]: string };
}

/** @returns the name of the table that holds the rows of a generation */
export const generationTableName = ({ name }: { readonly name: string }, generation: number): string =>
  `${name}_g${generation}`;
