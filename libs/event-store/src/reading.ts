/** What of this library cannot write: for whoever must not, and has no right to. */
export { decoded, type LoggedEvent } from './account-log.js';
export { connectEventStore, EventStoreUnavailable } from './client.js';
export { dispose } from './dispose.js';
export { endOfLog } from './end-of-log.js';
export { UnknownEvent } from './event-codec.js';
export { logBatches, type LogBatch, type Stretch } from './log-batches.js';
export type { Place } from './place.js';
export type { RecordedEvent } from './recorded-event.js';
export { SLICES, sliceOf, streamOf } from './streams.js';
export type { EventStoreDBClient } from '@eventstore/db-client';
