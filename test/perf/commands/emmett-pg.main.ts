import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql';
import { handleCommands } from './emmett.js';

/** Emmett on PostgreSQL, with its defaults, in a database of its own. */
const store = getPostgreSQLEventStore(process.env['DATABASE_URL']!);
process.once('SIGTERM', () => void store.close().then(() => process.exit()));
// The handler holds a connection while it waits for the schema, which needs one more, so that a full pool would wait for ever.
await store.schema.migrate();
await handleCommands(store);
