import { closeEventStore, connectEventStore } from '#libs/event-store';

/** The raw client: reads $all to its end as its documentation shows, and ignores the events. */
const client = connectEventStore(process.env['EVENTSTORE_URL']!);
let read = 0;
for await (const { event } of client.readAll()) if (event !== undefined) read += 1;
await closeEventStore(client);
process.stdout.write(`${read}\n`);
