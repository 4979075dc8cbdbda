export { accountLog, type LoggedEvent } from './account-log.js';
export { AccountRepository, Conflict, type AccountAt, type Patience } from './account-repository.js';
export { connectEventStore, EventStoreUnavailable } from './client.js';
export { fromStored, toStored, UnknownEvent } from './event-codec.js';
export { SLICES, sliceOf, STREAM_PREFIX, streamOf } from './streams.js';
export type { EventStoreDBClient } from '@eventstore/db-client';
