/** What the writer expects of the stream: its last revision, or one of the words of the protocol. */
export type ExpectedRevision = 'any' | 'no_stream' | 'stream_exists' | bigint;

/** A stream as the next append will find it, with all that is decided, durable or not. */
export interface StreamHead {
  /** -1: no events. */
  readonly lastRevision: number;
  readonly isTombstoned: boolean;
  readonly isSoftDeleted: boolean;
  readonly hasMetadata: boolean;
  hasEventAt(revision: number, id: string): boolean;
  /** Looks among the store's recent events only. */
  recentRevisionOf(id: string): number | undefined;
}

export type AppendVerdict = 'append' | 'wrong' | 'deleted' | { readonly repeatUpTo: number };

/**
 * The real server's rules (IndexWriter.CheckCommit of 23.10). Idempotence goes by position: with an exact revision the
 * ids must stand where this append would have put them; with `any` and `stream_exists` they must be known, wherever
 * they stand. A repeat of the beginning only is no repeat.
 */
export function checkAppend(
  head: StreamHead,
  expected: ExpectedRevision,
  ids: readonly string[],
): AppendVerdict {
  if (head.isTombstoned) return 'deleted';
  if (expected === 'stream_exists') {
    if (head.isSoftDeleted) return 'deleted';
    if (head.lastRevision < 0 && !head.hasMetadata) return 'wrong';
  }
  if (expected === 'any' || expected === 'stream_exists') return checkKnownIds(head, ids);
  const revision = expected === 'no_stream' ? -1 : Number(expected);
  if (revision < head.lastRevision) return checkIdsInPlace(head, revision, ids);
  return revision === head.lastRevision ? 'append' : 'wrong';
}

function checkKnownIds(head: StreamHead, ids: readonly string[]): AppendVerdict {
  let last: number | undefined;
  for (const id of ids) {
    const revision = head.recentRevisionOf(id);
    if (revision === undefined) return last === undefined ? 'append' : 'wrong';
    last = revision;
  }
  return last === undefined ? 'append' : { repeatUpTo: last };
}

function checkIdsInPlace(head: StreamHead, expected: number, ids: readonly string[]): AppendVerdict {
  let revision = expected;
  for (const id of ids) {
    revision++;
    if (head.hasEventAt(revision, id)) continue;
    const isFirst = revision === expected + 1;
    return isFirst && expected === -1 && head.isSoftDeleted ? 'append' : 'wrong';
  }
  return revision === expected ? 'wrong' : { repeatUpTo: revision };
}
