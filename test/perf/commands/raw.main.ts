import { NO_STREAM, type EventData } from '@eventstore/db-client';
import { connectEventStore, streamOf, encodeEvent } from '#libs/event-store';
import { workInFlight } from './in-flight.js';
import { allDifferent, sentEvent } from './workload.js';

/**
 * The raw client: `appendToStream` with one event per call and stream, and a fixed number of calls in flight. The
 * events are those that the command app would append, byte for byte, and are passed as the client's documentation
 * shows. They are prepared beforehand, so that only the client is measured.
 */
const { EVENTSTORE_URL, RUN, COUNT } = process.env as Record<string, string>;
const client = connectEventStore(EVENTSTORE_URL!);
const appends = [...allDifferent(RUN!, Number(COUNT))].map((sending) => ({
  stream: streamOf(sending.inviterId),
  event: asObjects(encodeEvent(sentEvent(sending), 0)),
}));

function asObjects({ metadata, ...event }: EventData): EventData {
  return { ...event, metadata: JSON.parse(new TextDecoder().decode(metadata as Uint8Array)) };
}

process.once('SIGTERM', () => process.exit());
await workInFlight(appends, ({ stream, event }) =>
  client.appendToStream(stream, event, { expectedRevision: NO_STREAM }),
);
