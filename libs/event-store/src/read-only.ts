/** The part of this library that cannot write, for applications that must not. */
export { closeEventStore, connectEventStore, EventStoreUnavailableError } from './client.js';
export { WithEventStore, type EventStoreConfig } from './connection/event-store.config.js';
export { decodeEvent, UnknownEventError, type StoredEvent } from './events/event-codec.js';
export { isAfter, lowestPosition, type LogPosition, type RawEvent } from './events/raw-event.js';
export { SLICES, sliceOf, streamOf } from './events/streams.js';
export { readLogTail, type LogTail } from './log-tail.js';
export {
  readAccountStream,
  readLogRange,
  toUnavailableError,
  type LogBatch,
  type LogRange,
} from './read-accounts.js';
export { readAll, readStream, type ReadAllOptions, type ReadStreamOptions } from './read-streams.js';
export type { EventStoreDBClient } from '@eventstore/db-client';
