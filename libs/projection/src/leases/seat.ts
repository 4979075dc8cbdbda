import type { Position } from '../position.js';

/** Who works on what. A replica's id is new with each start of its process. */
export interface Seat {
  readonly projection: string;
  readonly generation: number;
  readonly replica: string;
}

/** A slice as its owner found it. */
export interface HeldSlice {
  readonly slice: number;
  /** Raised whenever the slice is taken: what was begun in an older epoch does not count any more. */
  readonly epoch: bigint;
  /** Of the last event that was handled; undefined before the first. */
  readonly position: Position | undefined;
}

export type Held = ReadonlyMap<number, HeldSlice>;
