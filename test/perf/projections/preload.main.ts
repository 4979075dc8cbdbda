import { closeEventStore, connectEventStore, streamOf, encodeEvent } from '#libs/event-store';
import { NO_STREAM } from '@eventstore/db-client';
import { EVENTS_AN_ACCOUNT, historyOf } from './workload.js';

/** Fills a log with one append for each account, which contains its whole history. */
const IN_FLIGHT = 64;

const { EVENTSTORE_URL, RUN, COUNT } = process.env as Record<string, string>;
const client = connectEventStore(EVENTSTORE_URL!);
const accounts = Number(COUNT) / EVENTS_AN_ACCOUNT;
let next = 0;
const lane = async () => {
  while (next < accounts) {
    const account = `${RUN}-${next++}`;
    const events = historyOf(account).map((event) => encodeEvent(event, 0));
    await client.appendToStream(streamOf(account), events, { expectedRevision: NO_STREAM });
  }
};
await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
await closeEventStore(client);
