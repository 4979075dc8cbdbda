/**
 * A table with what it holds of a member. Conditions are SQL on a row of the table. They may name `given.id`, the member, and
 * `given.addresses`, the member's addresses that are known.
 */
export interface MemberTable {
  /** With its schema. For a read model, the view: its rows are in a table of each generation. */
  readonly name: string;
  readonly isReadModel?: true;
  /** Every column of a type that can hold an id or a text: a new one must be looked at, and added here. */
  readonly columns: readonly string[];
  /** Which rows are the member's own. They are exported for the member, and deleted when the member is erased. */
  readonly owned?: string;
  /** Columns that hold texts by the member in rows of other members. They become null when the member is erased. */
  readonly texts?: readonly WrittenColumn[];
  /** Why rows that name the member stay, or why no row does. */
  readonly kept?: string;
}

export interface WrittenColumn {
  readonly column: string;
  /** In which rows the member has written the text. */
  readonly writtenBy: string;
  /** What else is set in a row when the column becomes null. */
  readonly alsoSet?: string;
}
