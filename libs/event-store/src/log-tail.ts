import type { EventStoreDBClient } from '@eventstore/db-client';
import { isAfter, type LogPosition, type RawEvent } from './events/raw-event.js';
import { readAll, type PositionedEntry } from './read-streams.js';

/** The end of `$all`, with the events of some slices after a position. */
export interface LogTail {
  /** The position of the last event of the log, in any stream; undefined for an empty log. */
  readonly head: LogPosition | undefined;
  /** The oldest event of the slices that was found. */
  readonly oldestEvent: RawEvent | undefined;
  /** How many events of the slices there are. An estimate if not all events after the position were read. */
  readonly eventCount: number;
}

/** How many events to read backwards: more if those read so far are all of other slices, and never more than the last size. */
const LOOKBACK_SIZES = [1, 200, 4_000] as const;

/**
 * Finds out whether the log has events of the slices after a position. EventStoreDB cannot filter a read of `$all`, so this
 * reads backwards from the end, and reads a single event if nothing has happened.
 * @throws EventStoreUnavailableError when the signal aborts
 */
export async function readLogTail(
  client: Pick<EventStoreDBClient, 'readAll'>,
  slices: readonly number[],
  after: LogPosition | undefined,
  signal: AbortSignal,
): Promise<LogTail> {
  const wanted = new Set(slices);
  let tail: LogTail = { head: undefined, oldestEvent: undefined, eventCount: 0 };
  for (const size of LOOKBACK_SIZES) {
    const latest: PositionedEntry[] = [];
    const backwards = { after: undefined, direction: 'backwards', maxCount: size, signal } as const;
    for await (const entries of readAll(client, backwards)) latest.push(...entries);
    const newer = latest.filter(({ position }) => isAfter(position, after));
    const found = newer
      .map(({ event }) => event)
      .filter((event) => event !== undefined && wanted.has(event.slice));
    const isAll = newer.length < size;
    tail = {
      head: latest[0]?.position,
      oldestEvent: found.at(-1),
      eventCount: isAll ? found.length : estimate(found.length, newer, after),
    };
    // A single event does not tell how many there are.
    if (isAll || wanted.size === 0 || (found.length > 0 && size > 1)) break;
  }
  return tail;
}

/** Assumes that the whole log has as many events of the slices per byte as the part that was read. */
function estimate(found: number, read: readonly PositionedEntry[], after: LogPosition | undefined): number {
  const head = read[0]!.position.commit;
  const bytesBehind = Number(head - (after?.commit ?? 0n));
  const bytesRead = Number(head - read.at(-1)!.position.commit);
  return bytesRead === 0 ? found : Math.round((found * bytesBehind) / bytesRead);
}
