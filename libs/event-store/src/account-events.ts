import {
  StreamDeletedError,
  StreamNotFoundError,
  type EventStoreDBClient,
  type JSONRecordedEvent,
} from '@eventstore/db-client';
import type { InvitationEvent } from '#libs/invitation';
import { EventStoreUnavailable } from './client.js';
import { fromStored } from './event-codec.js';
import { streamOf } from './streams.js';

/** An event of one account, with the id by which it is known everywhere. */
export interface AccountEvent {
  readonly id: string;
  readonly event: InvitationEvent;
}

/**
 * What is in an account's stream, in order, for whoever asks once; nothing where there is no stream.
 * @param silenceMs how long the next event may take: the client itself would wait for ever
 * @throws EventStoreUnavailable, UnknownEvent
 */
export async function* accountEvents(
  client: EventStoreDBClient,
  accountId: string,
  silenceMs = 5_000,
): AsyncGenerator<AccountEvent, void, void> {
  const events = client.readStream(streamOf(accountId));
  events.on('error', () => undefined);
  const silence = setTimeout(() => {
    events.destroy(new EventStoreUnavailable('the event store does not answer'));
    events.cancel().catch(() => undefined);
  }, silenceMs);
  try {
    for await (const { event } of events) {
      silence.refresh();
      if (event !== undefined) yield { id: event.id, event: fromStored(event as JSONRecordedEvent) };
    }
  } catch (error) {
    if (!(error instanceof StreamNotFoundError || error instanceof StreamDeletedError)) throw error;
  } finally {
    clearTimeout(silence);
  }
}
