/** The part of this library that cannot write, for applications that must not. */
export { connectEventStore } from './connection/connection.js';
export { closeEventStore, EventStoreUnavailableError } from './wire/response-timeout.js';
export { WithEventStore, type EventStoreConfig } from './connection/event-store.config.js';
export {
  decodeEvent,
  type StoredEvent,
  sealedTextOf,
  withText,
  type TextContext,
} from './events/event-codec.js';
export {
  isAfter,
  lowestPosition,
  type LogPosition,
  type RawEvent,
  SLICES,
  sliceOf,
  streamOf,
  UnknownEventError,
} from './events/raw-event.js';
export { readLogTail, type LogTail, readAll, readStream } from './read-streams.js';
export { readAccountStream, readLogRange, toUnavailableError } from './read-accounts.js';
export type { EventStoreDBClient } from '@eventstore/db-client';
