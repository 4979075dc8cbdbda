export {
  AccountNotOfStreamError,
  AccountRepository,
  ConcurrencyError,
  StreamTombstonedError,
  type VersionedAccount,
} from './account-repository.js';
export { INSTALLATION_USERS } from './administration/installation-users.js';
export { planAccess, type AccessChange, type AccessPlan } from './administration/plan-access.js';
export { AppendMetrics, type CommandSpans } from './append-telemetry.js';
export { connectEventStore, type EventStoreAddress } from './connection/connection.js';
export { closeEventStore, EventStoreUnavailableError, TOLERATED_SKEW_MS } from './wire/response-timeout.js';
export { assertClockSkew, measureClockSkew, type ClockSkew } from './clock-skew.js';
export {
  WithEventStore,
  WithEventStoreLogin,
  type EventStoreConfig,
} from './connection/event-store.config.js';
export {
  correlationIdOf,
  decodeEvent,
  decodeInvitationEvent,
  encodeEvent,
  type StoredEvent,
  sealedTextOf,
  withText,
  type SealText,
  type TextContext,
  type TextSealer,
} from './events/event-codec.js';
export {
  isAfter,
  lowestPosition,
  type LogPosition,
  type RawEvent,
  SLICES,
  sliceOf,
  STREAM_PREFIX,
  streamOf,
  UnknownEventError,
} from './events/raw-event.js';
export { copyLog, LogCopyError } from './copy-log.js';
export { readLogTail, type LogTail, readStream } from './read-streams.js';
export {
  readAccountBatches,
  readAccountLog,
  readAccountStream,
  subscribeToAccounts,
} from './read-accounts.js';
export { EventStoreConnector, RenewingClient } from './renewing-client.js';
export { ReconnectingClient } from './reconnecting-client.js';
export { eventStoreCheck, type EventStoreUse } from './server-check.js';
export type { EventStoreDBClient } from '@eventstore/db-client';
