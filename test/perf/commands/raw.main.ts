import { NO_STREAM, type EventData } from '@eventstore/db-client';
import { connectEventStore, streamOf, encodeEvent } from '#libs/event-store';
import { allDifferent, sentEvent } from './workload.js';

/**
 * The raw client: `appendToStream` with one event per call and stream, and a fixed number of calls in flight. The
 * events are those that the command app would append, byte for byte, and are passed as the client's documentation
 * shows. They are prepared beforehand, so that only the client is measured.
 */
const IN_FLIGHT = 256;

const { EVENTSTORE_URL, RUN, COUNT, UNCOUNTED } = process.env as Record<string, string>;
const client = connectEventStore(EVENTSTORE_URL!);
const appends = [...allDifferent(RUN!, Number(COUNT))].map((sending) => ({
  stream: streamOf(sending.inviterId),
  event: asObjects(encodeEvent(sentEvent(sending), 0)),
}));

function asObjects({ metadata, ...event }: EventData): EventData {
  return { ...event, metadata: JSON.parse(new TextDecoder().decode(metadata as Uint8Array)) };
}

let next = 0;
let done = 0;
const lane = async () => {
  while (next < appends.length) {
    const { stream, event } = appends[next++]!;
    await client.appendToStream(stream, event, { expectedRevision: NO_STREAM });
    done += 1;
    if (done === Number(UNCOUNTED)) process.send!('warm');
  }
};
await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
process.send!('done');
process.once('SIGTERM', () => process.exit());
