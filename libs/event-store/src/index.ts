export {
  AccountNotOfStreamError,
  AccountRepository,
  ConcurrencyError,
  StreamTombstonedError,
  type RetryPolicy,
  type VersionedAccount,
} from './account-repository.js';
export { INSTALLATION_USERS, type InstallationUser } from './administration/installation-users.js';
export {
  planAccess,
  type AccessChange,
  type AccessOptions,
  type AccessPlan,
} from './administration/plan-access.js';
export { AppendMetrics, type CommandSpans } from './append-telemetry.js';
export { closeEventStore, connectEventStore, EventStoreUnavailableError } from './client.js';
export { assertClockSkew, measureClockSkew, TOLERATED_SKEW_MS, type ClockSkew } from './clock-skew.js';
export type { EventStoreAddress } from './connection/connection.js';
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
  UnknownEventError,
  type StoredEvent,
} from './events/event-codec.js';
export { isAfter, lowestPosition, type LogPosition, type RawEvent } from './events/raw-event.js';
export { SLICES, sliceOf, STREAM_PREFIX, streamOf } from './events/streams.js';
export { readLogTail, type LogTail } from './log-tail.js';
export { readAccountLog, readAccountStream, subscribeToAccounts } from './read-accounts.js';
export { readStream } from './read-streams.js';
export { EventStoreConnector } from './event-store-connector.js';
export { ReconnectingClient } from './reconnecting-client.js';
export { RenewingClient } from './renewing-client.js';
export { eventStoreCheck, type EventStoreUse } from './server-check.js';
export type { EventStoreDBClient } from '@eventstore/db-client';
