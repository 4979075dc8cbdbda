/** What the writer expects of the stream: its last revision, or one of the protocol's keywords. */
export type ExpectedRevision = 'any' | 'no_stream' | 'stream_exists' | bigint;

/** A stream as the next append finds it, including accepted events that are not durable yet. */
export interface StreamHead {
  /** -1 for a stream without events. */
  readonly lastRevision: number;
  readonly isTombstoned: boolean;
  readonly isSoftDeleted: boolean;
  readonly hasMetadata: boolean;
  hasEventAt(revision: number, id: string): boolean;
  /** Searches the store's recent events only. */
  recentRevisionOf(id: string): number | undefined;
}

export type AppendCheck = 'append' | 'wrong-revision' | 'deleted' | { readonly repeatUpTo: number };

/**
 * The real server's rules (IndexWriter.CheckCommit of 23.10). An append is a repeat when the stream holds its event ids: with an
 * exact revision at the revisions where this append would have put them, with `any` and `stream_exists` at any revision. An
 * append whose first events only are known is rejected.
 */
export function checkAppend(
  head: StreamHead,
  expected: ExpectedRevision,
  ids: readonly string[],
): AppendCheck {
  if (head.isTombstoned) return 'deleted';
  if (expected === 'stream_exists') {
    if (head.isSoftDeleted) return 'deleted';
    if (head.lastRevision < 0 && !head.hasMetadata) return 'wrong-revision';
  }
  if (expected === 'any' || expected === 'stream_exists') return checkKnownIds(head, ids);
  const revision = expected === 'no_stream' ? -1 : Number(expected);
  if (revision < head.lastRevision) return checkIdsInPlace(head, revision, ids);
  return revision === head.lastRevision ? 'append' : 'wrong-revision';
}

function checkKnownIds(head: StreamHead, ids: readonly string[]): AppendCheck {
  let last: number | undefined;
  for (const id of ids) {
    const revision = head.recentRevisionOf(id);
    if (revision === undefined) return last === undefined ? 'append' : 'wrong-revision';
    last = revision;
  }
  return last === undefined ? 'append' : { repeatUpTo: last };
}

function checkIdsInPlace(head: StreamHead, expected: number, ids: readonly string[]): AppendCheck {
  let revision = expected;
  for (const id of ids) {
    revision++;
    if (head.hasEventAt(revision, id)) continue;
    const isFirst = revision === expected + 1;
    return isFirst && expected === -1 && head.isSoftDeleted ? 'append' : 'wrong-revision';
  }
  return revision === expected ? 'wrong-revision' : { repeatUpTo: revision };
}

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

/** The store holds too many bytes in memory that wait for the disk. */
export class StoreBusyError extends Error {}
