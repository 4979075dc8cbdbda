/** A place in $all. Both numbers are unsigned 64 bit: BigInt here, `numeric(20)` in a table, text on a wire. */
export interface Position {
  readonly commit: bigint;
  readonly prepare: bigint;
}
