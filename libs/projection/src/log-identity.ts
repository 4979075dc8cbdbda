import { isAfter, type LogPosition } from '#libs/event-store/read-only';

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
