import type { Readable } from 'node:stream';
import {
  START,
  streamNameFilter,
  type AllStreamRecordedEvent,
  type AllStreamResolvedEvent,
  type EventStoreDBClient,
  type JSONRecordedEvent,
} from '@eventstore/db-client';
import type { InvitationEvent } from '#libs/invitation';
import { fromStored } from './event-codec.js';
import { inChunks, READ_AHEAD } from './in-chunks.js';
import { SLICES, STREAM_PREFIX } from './streams.js';

/** A place in $all. */
export interface Place {
  readonly commit: bigint;
  readonly prepare: bigint;
}

/** An event as the log has it: not decoded, for not every version can. */
export interface RecordedEvent {
  readonly id: string;
  readonly type: string;
  readonly streamId: string;
  readonly accountId: string;
  readonly slice: number;
  readonly revision: bigint;
  readonly created: Date;
  readonly data: unknown;
  readonly metadata: unknown;
  readonly position: Place;
}

/** An event of any account, with its id and its place in $all. */
export interface LoggedEvent {
  readonly id: string;
  readonly event: InvitationEvent;
  readonly position: Place;
  /** Of the step that appended it, where traces were kept. */
  readonly traceparent?: string;
}

/** @throws UnknownEvent for an event that this version cannot read */
export function decoded(recorded: RecordedEvent): LoggedEvent {
  const { id, position, metadata } = recorded;
  const event = fromStored(recorded as unknown as JSONRecordedEvent);
  const { traceparent } = metadata as { traceparent?: unknown };
  return typeof traceparent === 'string' ? { id, event, position, traceparent } : { id, event, position };
}

/**
 * The events of the slices after a position, in the order of $all and in chunks of what has come, the live ones too; the
 * server gives no others. It ends without a word when the server closes the subscription, and throws when the connection breaks: whoever reads
 * goes on from where they stored.
 * @param after undefined for the very beginning
 */
export async function* accountLog(
  client: EventStoreDBClient,
  slices: readonly number[],
  after: Place | undefined,
  signal: AbortSignal,
): AsyncGenerator<RecordedEvent[], void, void> {
  const filter = streamNameFilter({ prefixes: prefixesOf(slices) });
  const subscription = client.subscribeToAll({ fromPosition: after ?? START, filter }, READ_AHEAD);
  // An error that comes after the last event was asked for has no reader any more, nor has one of unsubscribing.
  subscription.on('error', () => undefined);
  const unsubscribe = () => void subscription.unsubscribe().catch(() => undefined);
  signal.addEventListener('abort', unsubscribe, { once: true });
  try {
    if (signal.aborted) return;
    // It is a stream of node's like any other, though its type says less.
    for await (const chunk of inChunks<AllStreamResolvedEvent>(subscription as unknown as Readable)) {
      const events: RecordedEvent[] = [];
      for (const { event } of chunk) {
        const recorded = event && recordedOf(event);
        if (recorded !== undefined) events.push(recorded);
      }
      if (events.length > 0) yield events;
    }
  } finally {
    signal.removeEventListener('abort', unsubscribe);
    unsubscribe();
  }
}

/**
 * Events of accounts after a position, to the end of the log as it is now.
 * @param limit events of the log to look at, ours or not
 * @returns whether the end was reached
 */
export async function readAccountLog(
  client: EventStoreDBClient,
  after: Place | undefined,
  limit: number,
  take: (event: RecordedEvent) => void,
): Promise<{ readonly isAll: boolean }> {
  let looked = 0;
  for await (const { event } of client.readAll({ fromPosition: after ?? START, maxCount: limit })) {
    looked += 1;
    const recorded = event && recordedOf(event);
    if (recorded !== undefined) take(recorded);
  }
  return { isAll: looked < limit };
}

/** `account-3f-`, before the account. */
const STREAM = new RegExp(`^${STREAM_PREFIX}[0-3][0-9a-f]-.`, 's');
const SLICE_AT = STREAM_PREFIX.length;
const ACCOUNT_AT = SLICE_AT + 3;

/** Undefined for what is in no account's stream: a prefix matches more than one means. */
export function recordedOf(event: AllStreamRecordedEvent): RecordedEvent | undefined {
  const { id, type, streamId, revision, created, data, metadata, position } = event;
  if (!STREAM.test(streamId)) return undefined;
  const slice = Number.parseInt(streamId.slice(SLICE_AT, SLICE_AT + 2), 16);
  const accountId = streamId.slice(ACCOUNT_AT);
  return { id, type, streamId, accountId, slice, revision, created, data, metadata, position };
}

function prefixesOf(slices: readonly number[]): string[] {
  if (slices.length === SLICES) return [STREAM_PREFIX];
  return slices.map((slice) => `${STREAM_PREFIX}${slice.toString(16).padStart(2, '0')}-`);
}
