export { accountEvents, type AccountEvent } from './account-events.js';
export { accountLog, decoded, readAccountLog, type LoggedEvent } from './account-log.js';
export { AppendMetrics } from './append-metrics.js';
export {
  AccountGone,
  AccountRepository,
  Conflict,
  type AccountAt,
  type Patience,
} from './account-repository.js';
export type { Steps } from './append-spans.js';
export { connectEventStore, EventStoreUnavailable } from './client.js';
export { checkClocks, readClocks, type ClockReading } from './clock-check.js';
export { dispose } from './dispose.js';
export { endOfLog, type LogEnd } from './end-of-log.js';
export { correlationOf, fromStored, toStored, UnknownEvent } from './event-codec.js';
export { WritingClient } from './writing-client.js';
export { SLICES, sliceOf, STREAM_PREFIX, streamOf } from './streams.js';
export type { EventStoreDBClient } from '@eventstore/db-client';
export type { RecordedEvent } from './recorded-event.js';
