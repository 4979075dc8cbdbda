/** A place in $all. */
export interface Place {
  readonly commit: bigint;
  readonly prepare: bigint;
}
