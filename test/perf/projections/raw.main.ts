import { START, streamNameFilter } from '@eventstore/db-client';
import { connectEventStore, STREAM_PREFIX } from '#libs/event-store';

/** The raw client: a subscription to $all with the projection's filter, which ignores the events. */
const { EVENTSTORE_URL, COUNT, UNCOUNTED } = process.env as Record<string, string>;
const client = connectEventStore(EVENTSTORE_URL!);
const filter = streamNameFilter({ prefixes: [STREAM_PREFIX] });
let received = 0;
for await (const { event } of client.subscribeToAll({ fromPosition: START, filter })) {
  received += 1;
  if (received === Number(UNCOUNTED)) process.send!({ position: String(event!.position.commit) });
  if (received === Number(COUNT)) {
    process.send!({ position: String(event!.position.commit) });
    break;
  }
}
process.once('SIGTERM', () => process.exit());
