import {
  NO_STREAM,
  StreamNotFoundError,
  WrongExpectedVersionError,
  type EventStoreDBClient,
} from '@eventstore/db-client';
import { plainAuthorOf, toEventCopy } from './events/event-copy.js';
import { isAfter, type LogPosition, type RawEvent } from './events/raw-event.js';
import type { SealText, TextSealer } from './events/event-codec.js';
import { readAll, readStream } from './read-streams.js';

/** The most events of one append, which keeps it far below the server's limit of 1 MiB. */
const MAX_EVENTS = 100;
const APPEND_DEADLINE_MS = 30_000;

/** The two logs cannot be one copy of the other. The message says why. */
export class LogCopyError extends Error {}

/** What was copied by a batch. */
interface CopiedBatch {
  readonly events: number;
  /** Texts that were encrypted, those of erased authors included, which became null. */
  readonly texts: number;
  readonly position: LogPosition;
}

/**
 * Copies the events of all accounts into another event store, in the order of `$all`, and encrypts the texts that are stored as they
 * are. Revisions and ids stay the same; positions and the times of recording are new. A copy that was interrupted resumes after
 * its last event.
 * @throws LogCopyError if the target has events of other accounts, or a stream was truncated
 */
export async function* copyLog(
  source: EventStoreDBClient,
  target: EventStoreDBClient,
  sealer: TextSealer,
): AsyncGenerator<CopiedBatch, void, void> {
  const after = await findCopiedPosition(source, target);
  for await (const entries of readAll(source, { after })) {
    const events = entries
      // A read begins with the event at its position, not after it.
      .filter(({ position }) => isAfter(position, after))
      .map(({ event }) => event)
      .filter((event) => event !== undefined);
    const authors = events.map(plainAuthorOf).filter((author) => author !== undefined);
    const seal = await sealer.load([...new Set(authors)]);
    for (const run of toRuns(events)) await append(target, run, seal);
    yield { events: events.length, texts: authors.length, position: entries.at(-1)!.position };
  }
}

/** The position in the source of the last event that the target has; undefined if the target has none. */
async function findCopiedPosition(
  source: EventStoreDBClient,
  target: EventStoreDBClient,
): Promise<LogPosition | undefined> {
  const last = await readLastEvent(target);
  if (last === undefined) return undefined;
  const original = await readEvent(source, last);
  if (original?.id !== last.id || original.position === undefined) {
    throw new LogCopyError(
      `the target has an event that the source does not have, ${last.revision}@${last.streamId}: it must be empty, or ` +
        'have the first part of a copy of this source',
    );
  }
  return original.position;
}

async function readLastEvent(client: EventStoreDBClient): Promise<RawEvent | undefined> {
  for await (const entries of readAll(client, { after: undefined, direction: 'backwards' })) {
    const found = entries.find(({ event }) => event !== undefined)?.event;
    if (found !== undefined) return found;
  }
  return undefined;
}

async function readEvent(client: EventStoreDBClient, { streamId, revision }: RawEvent) {
  try {
    for await (const events of readStream(client, streamId, { fromRevision: revision, maxCount: 1 })) {
      const [event] = events;
      if (event?.revision === revision) return event;
    }
  } catch (error) {
    if (!(error instanceof StreamNotFoundError)) throw error;
  }
  return undefined;
}

/** Groups events that follow each other in one stream, because one append can have them. */
function toRuns(events: readonly RawEvent[]): readonly (readonly [RawEvent, ...RawEvent[]])[] {
  const runs: [RawEvent, ...RawEvent[]][] = [];
  for (const event of events) {
    const run = runs.at(-1);
    if (run?.[0].streamId === event.streamId && run.length < MAX_EVENTS) run.push(event);
    else runs.push([event]);
  }
  return runs;
}

async function append(
  target: EventStoreDBClient,
  run: readonly [RawEvent, ...RawEvent[]],
  seal: SealText,
): Promise<void> {
  const [{ streamId, revision }] = run;
  try {
    await target.appendToStream(
      streamId,
      run.map((event) => toEventCopy(event, seal)),
      { expectedRevision: revision === 0n ? NO_STREAM : revision - 1n, deadline: APPEND_DEADLINE_MS },
    );
  } catch (error) {
    if (!(error instanceof WrongExpectedVersionError)) throw error;
    throw new LogCopyError(
      `event ${revision}@${streamId} cannot be appended, because the copy of the stream is at ${String(error.actualVersion)}: ` +
        'the stream was truncated, or somebody else appends to the target',
      { cause: error },
    );
  }
}
