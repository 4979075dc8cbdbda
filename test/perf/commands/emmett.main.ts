import { getEventStoreDBEventStore } from '@event-driven-io/emmett-esdb';
import { connectEventStore } from '#libs/event-store';
import { handleCommands } from './emmett.js';

/** Emmett on the event store, through the same client as `raw`. */
process.once('SIGTERM', () => process.exit());
await handleCommands(getEventStoreDBEventStore(connectEventStore(process.env['EVENTSTORE_URL']!)));
