import { BACKWARDS, END, type AllStreamRecordedEvent, type EventStoreDBClient } from '@eventstore/db-client';
import { EventStoreUnavailable } from './client.js';
import type { Place } from './place.js';
import { recordedEvent, type RecordedEvent } from './recorded-event.js';

/** What the end of the log holds. */
export interface LogEnd {
  /** Of whatever stands there; undefined where nothing does. */
  readonly head: Place | undefined;
  /** The oldest event of the slices that was found. */
  readonly waiting: RecordedEvent | undefined;
  /** How many of the slices' events are there; where not all was looked at, by what was and the log's length. */
  readonly events: number;
}

/**
 * How far a look goes back, in events: further where it has met only what is of other slices, and no further than the
 * last, for it is a look, not a reading.
 */
const LOOKS_BACK = [1, 200, 4_000] as const;

/**
 * Whether anything of the slices is in the log after a position. The client cannot filter a read of $all, so this goes
 * back from the end; where nothing has happened, that is a single event.
 */
export async function endOfLog(
  client: Pick<EventStoreDBClient, 'readAll'>,
  slices: readonly number[],
  after: Place | undefined,
  signal: AbortSignal,
): Promise<LogEnd> {
  const isOurs = new Set(slices);
  let end: LogEnd = { head: undefined, waiting: undefined, events: 0 };
  for (const lookBack of LOOKS_BACK) {
    const latest = await lastEvents(client, lookBack, signal);
    const [last] = latest;
    const fresh = latest.filter(({ position }) => after === undefined || position.commit > after.commit);
    const ours = fresh.map(recordedEvent).filter((event) => event !== undefined && isOurs.has(event.slice));
    const isAll = fresh.length < lookBack;
    end = {
      head: last?.position,
      waiting: ours.at(-1),
      events: isAll ? ours.length : estimate(ours.length, fresh, after),
    };
    // The last event alone tells nothing of how many there are.
    if (isAll || isOurs.size === 0 || (ours.length > 0 && lookBack > 1)) break;
  }
  return end;
}

/** As if the log were all the way as dense with them as where it was looked at. */
function estimate(ours: number, looked: readonly AllStreamRecordedEvent[], after: Place | undefined): number {
  const head = looked[0]!.position.commit;
  const far = Number(head - (after?.commit ?? 0n));
  const near = Number(head - looked.at(-1)!.position.commit);
  return near === 0 ? ours : Math.round((ours * far) / near);
}

/**
 * Reads to its end what it asks for: a read that is left halfway is never over for the client, which would keep it, and
 * wait for it when it is closed.
 */
async function lastEvents(
  client: Pick<EventStoreDBClient, 'readAll'>,
  maxCount: number,
  signal: AbortSignal,
): Promise<AllStreamRecordedEvent[]> {
  signal.throwIfAborted();
  const events = client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount });
  events.on('error', () => undefined);
  const cancel = () => {
    events.destroy(new EventStoreUnavailable('the event store does not answer'));
    events.cancel().catch(() => undefined);
  };
  signal.addEventListener('abort', cancel, { once: true });
  const read: AllStreamRecordedEvent[] = [];
  try {
    for await (const { event } of events) if (event !== undefined) read.push(event);
  } finally {
    signal.removeEventListener('abort', cancel);
  }
  return read;
}
