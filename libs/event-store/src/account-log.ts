import { START, type EventStoreDBClient, type JSONRecordedEvent } from '@eventstore/db-client';
import type { InvitationEvent } from '#libs/invitation';
import { fromStored } from './event-codec.js';
import type { Place } from './place.js';
import { readLog } from './read-log.js';
import { recordedEvent, type RecordedEvent } from './recorded-event.js';
import { SLICES, STREAM_PREFIX } from './streams.js';

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
 * server gives no others. It ends without a word when the server closes the subscription, and throws when the connection
 * breaks: whoever reads goes on from where they stored.
 * @param after undefined for the very beginning
 */
export async function* accountLog(
  client: EventStoreDBClient,
  slices: readonly number[],
  after: Place | undefined,
  signal: AbortSignal,
): AsyncGenerator<RecordedEvent[], void, void> {
  for await (const entries of readLog(client, { after, prefixes: prefixesOf(slices) }, signal)) {
    const events: RecordedEvent[] = [];
    for (const { event } of entries) if (event !== undefined) events.push(event);
    if (events.length > 0) yield events;
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
    const recorded = event && recordedEvent(event);
    if (recorded !== undefined) take(recorded);
  }
  return { isAll: looked < limit };
}

function prefixesOf(slices: readonly number[]): string[] {
  if (slices.length === SLICES) return [STREAM_PREFIX];
  return slices.map((slice) => `${STREAM_PREFIX}${slice.toString(16).padStart(2, '0')}-`);
}
