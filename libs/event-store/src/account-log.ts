import {
  START,
  streamNameFilter,
  type EventStoreDBClient,
  type JSONRecordedEvent,
} from '@eventstore/db-client';
import type { InvitationEvent } from '#libs/invitation';
import { fromStored } from './event-codec.js';
import { STREAM_PREFIX } from './streams.js';

/** An event of any account, with its id and its place in $all. */
export interface LoggedEvent {
  readonly id: string;
  readonly event: InvitationEvent;
  readonly position: { readonly commit: bigint; readonly prepare: bigint };
}

/**
 * Every account's events after a position, in the order of $all, the live ones too. It ends without a word when the
 * server closes the subscription, and throws when the connection breaks: whoever reads goes on from where they stored.
 * @param after undefined for the very beginning
 * @throws UnknownEvent for an event that this version cannot read
 */
export async function* accountLog(
  client: EventStoreDBClient,
  after: LoggedEvent['position'] | undefined,
  signal: AbortSignal,
): AsyncGenerator<LoggedEvent, void, void> {
  const subscription = client.subscribeToAll({
    fromPosition: after ?? START,
    filter: streamNameFilter({ prefixes: [STREAM_PREFIX] }),
  });
  // An error that comes after the last event was asked for has no reader any more, nor has one of unsubscribing.
  subscription.on('error', () => undefined);
  const unsubscribe = () => void subscription.unsubscribe().catch(() => undefined);
  signal.addEventListener('abort', unsubscribe, { once: true });
  try {
    if (signal.aborted) return;
    for await (const { event } of subscription) {
      if (event === undefined) continue;
      const recorded = event as JSONRecordedEvent;
      yield { id: recorded.id, event: fromStored(recorded), position: event.position };
    }
  } finally {
    signal.removeEventListener('abort', unsubscribe);
    unsubscribe();
  }
}
