import {
  accountLog,
  endOfLog,
  type EventStoreDBClient,
  type LogEnd,
  type RecordedEvent,
} from '#libs/event-store';
import type { Position } from './position.js';

/** The log, as a worker reads it. */
export interface EventLog {
  /**
   * Events of the slices after a position, for ever, in chunks of what has come; ends when the signal aborts, and ends or
   * throws when the connection is lost.
   */
  follow(
    slices: readonly number[],
    after: Position | undefined,
    signal: AbortSignal,
  ): AsyncIterable<readonly RecordedEvent[]>;
  /** Whether anything of the slices is there after a position. */
  end(slices: readonly number[], after: Position | undefined, signal: AbortSignal): Promise<LogEnd>;
}

export const eventLog = (client: EventStoreDBClient): EventLog => ({
  follow: (slices, after, signal) => accountLog(client, slices, after, signal),
  end: (slices, after, signal) => endOfLog(client, slices, after, signal),
});
