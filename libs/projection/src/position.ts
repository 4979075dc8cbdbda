/** A place in $all. Both numbers are unsigned 64 bit: BigInt here, `numeric(20)` in a table, text on a wire. */
export interface Position {
  readonly commit: bigint;
  readonly prepare: bigint;
}

/** @param other undefined for the place before everything */
export function isAfter(position: Position, other: Position | undefined): boolean {
  if (other === undefined || position.commit !== other.commit)
    return position.commit > (other?.commit ?? -1n);
  return position.prepare > other.prepare;
}

/** The lowest of them; undefined, the place before everything, where one of them is. */
export function lowest(positions: readonly (Position | undefined)[]): Position | undefined {
  let low = positions[0];
  for (const position of positions) {
    if (position === undefined) return undefined;
    if (low !== undefined && isAfter(low, position)) low = position;
  }
  return low;
}
