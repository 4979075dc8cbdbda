import {
  readLogTail,
  subscribeToAccounts,
  type EventStoreDBClient,
  type LogTail,
  type RawEvent,
} from '#libs/event-store';
import { readAll, type LogPosition } from '#libs/event-store/read-only';

/** The event store's log as a projection reads it. */
export interface EventLog {
  /**
   * Subscribes to the events of some slices, after a position. Yields batches of at least one event until the signal
   * aborts. Ends, or throws, if the event store ends a subscription before it has delivered an event.
   * @param onContinued called when the event store ended a subscription that had delivered events, and another one
   *   continues after the last of them
   */
  subscribe(
    slices: readonly number[],
    after: LogPosition | undefined,
    signal: AbortSignal,
    onContinued?: () => void,
  ): AsyncIterable<readonly RawEvent[]>;
  /** Reads the id of the event at a position; undefined if the log has none exactly there. */
  findEventId(position: LogPosition, signal: AbortSignal): Promise<string | undefined>;
  /** Reads the log backwards from its end: is there an event of these slices after the position? */
  readTail(slices: readonly number[], after: LogPosition | undefined, signal: AbortSignal): Promise<LogTail>;
}

/** @param client returns the client to read with, which a process may replace */
export const createEventLog = (client: () => EventStoreDBClient): EventLog => ({
  subscribe: (slices, after, signal, onContinued) =>
    subscribeToAccounts(client(), slices, after, signal, onContinued),
  async findEventId(position, signal) {
    for await (const [first] of readAll(client(), { after: position, maxCount: 1, signal })) {
      return first?.position.commit === position.commit ? first.event?.id : undefined;
    }
    return undefined;
  },
  readTail: (slices, after, signal) => readLogTail(client(), slices, after, signal),
});
