import type { RecordedEvent } from '#libs/event-store';
import type { Held, HeldSlice } from './leases/seat.js';
import { isAfter, type Position } from './position.js';

/** A batch, by what is to become of its events. */
export interface HandedOut {
  readonly to: Position;
  readonly at: Date;
  /** Slices whose checkpoints move. All that the subscription covers do, also those with no event in the batch. */
  readonly moved: readonly HeldSlice[];
  readonly free: readonly RecordedEvent[];
  /** Events of accounts that are parked: they queue up. */
  readonly waiting: readonly RecordedEvent[];
}

/** Drops what was handled before: slices are not all at the same place, and the subscription begins at the lowest. */
export function handOut(
  events: readonly RecordedEvent[],
  held: Held,
  parked: ReadonlySet<string>,
): HandedOut {
  const { position: to, created: at } = events.at(-1)!;
  const isNew = ({ slice, position }: RecordedEvent) =>
    held.has(slice) && isAfter(position, held.get(slice)!.position);
  const fresh = events.filter(isNew);
  return {
    to,
    at,
    moved: [...held.values()].filter(({ position }) => isAfter(to, position)),
    free: fresh.filter(({ accountId }) => !parked.has(accountId)),
    waiting: fresh.filter(({ accountId }) => parked.has(accountId)),
  };
}

/** The slices after their checkpoints have moved. */
export function movedOn(held: Held, { moved, to }: HandedOut): Held {
  return new Map([...held, ...moved.map((one) => [one.slice, { ...one, position: to }] as const)]);
}
