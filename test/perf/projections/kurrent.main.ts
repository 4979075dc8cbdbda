import { KurrentDBClient, START, streamNameFilter } from '@kurrent/kurrentdb-client';
import { STREAM_PREFIX } from '#libs/event-store';

/** The event store's newer client with the same subscription, for information. */
const { EVENTSTORE_URL, COUNT, UNCOUNTED } = process.env as Record<string, string>;
const client = KurrentDBClient.connectionString(EVENTSTORE_URL!);
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
