export class WrongExpectedRevisionError extends Error {
  /** @param current the stream's last revision, -1 when it has no events */
  constructor(
    readonly stream: string,
    readonly current: number,
  ) {
    super(`stream '${stream}' is at revision ${current}`);
  }
}

/** The stream has a tombstone. */
export class StreamDeletedError extends Error {
  constructor(readonly stream: string) {
    super(`stream '${stream}' is deleted`);
  }
}

/** More is waiting for the disk than the store is ready to hold in memory. */
export class StoreBusyError extends Error {}
