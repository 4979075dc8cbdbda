import {
  readLogTail,
  subscribeToAccounts,
  type EventStoreDBClient,
  type LogTail,
  type RawEvent,
} from '#libs/event-store';
import { readAll, type LogPosition, isAfter } from '#libs/event-store/read-only';

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

/** The checkpoint of a slice: the last event that was handled. */
export interface Checkpoint {
  readonly position: LogPosition | undefined;
  /** Undefined before the first event, and for checkpoints of versions that did not store it. */
  readonly eventId?: string | undefined;
}

const ADVICE =
  'the event store was restored to an earlier moment, or replaced. Stop the command app, and see the runbook "A server lost data or was restored"';

/** The log is not the one that a projection has handled: new events would be skipped, or events handled that are gone. */
export class LogReplacedError extends Error {}

/** The log is shorter than it was: new events get positions before the checkpoints and would be skipped. */
export class CheckpointAheadOfLogError extends LogReplacedError {
  constructor() {
    super(`the log ends before a checkpoint: ${ADVICE}`);
  }
}

/** The log has another event, or none, at a checkpoint: it was restored and has grown past the checkpoint since. */
export class CheckpointEventMissingError extends LogReplacedError {
  constructor({ commit }: LogPosition, eventId: string) {
    super(`the log does not have the event ${eventId} of the checkpoint at position ${commit}: ${ADVICE}`);
  }
}

/**
 * @param head position of the last event in the log, of any kind; undefined if the log is empty
 * @throws CheckpointAheadOfLogError
 */
export function assertLogReaches(
  head: LogPosition | undefined,
  checkpoints: Iterable<Pick<Checkpoint, 'position'>>,
): void {
  for (const { position } of checkpoints) {
    if (position !== undefined && (head === undefined || isAfter(position, head)))
      throw new CheckpointAheadOfLogError();
  }
}

/**
 * Reads the event at each checkpoint. Slices mostly share a checkpoint, so this is one read or a few.
 * @param findEventId returns the id of the event at a position; undefined if there is none
 * @throws CheckpointEventMissingError
 */
export async function assertLogContains(
  checkpoints: Iterable<Checkpoint>,
  findEventId: (position: LogPosition) => Promise<string | undefined>,
): Promise<void> {
  const events = new Map<string, LogPosition>();
  for (const { position, eventId } of checkpoints)
    if (position !== undefined && eventId !== undefined) events.set(eventId, position);
  for (const [eventId, position] of events) {
    if ((await findEventId(position)) !== eventId) throw new CheckpointEventMissingError(position, eventId);
  }
}
