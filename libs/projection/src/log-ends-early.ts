import { isAfter, type Position } from './position.js';

/** The log is an older copy, or another one: what comes now stands before the checkpoints and would be passed over. */
export class LogEndsEarly extends Error {
  constructor() {
    super('the log ends before a checkpoint: was the event store restored?');
  }
}

/**
 * @param head of whatever stands last in the log; undefined where nothing does
 * @throws LogEndsEarly
 */
export function expectToReach(
  head: Position | undefined,
  checkpoints: Iterable<{ readonly position: Position | undefined }>,
): void {
  for (const { position } of checkpoints) {
    if (position !== undefined && (head === undefined || isAfter(position, head))) throw new LogEndsEarly();
  }
}
