export { Backoff } from './backoff.js';
export {
  ConfigError,
  IsConsistent,
  IsHttpsInProduction,
  IsNeededWith,
  IsOptionalFlag,
  IsOptionalText,
  isProduction,
  loadConfig,
} from './config.js';
export { NoConfig, WithBrokers, WithHealthPort, WithHost, type ConfigClass } from './config-mixins.js';
export {
  IsDuration,
  IsDurationOrNone,
  IsDurations,
  LONGEST_TIMEOUT,
  parseDurationMs,
  type DurationLimits,
} from './durations.js';
export { Health, type ComponentHealth } from './health.js';
export { startHealthServer } from './health-server.js';
export {
  internalAuthorizationHeader,
  isInternalRequest,
  IsInternalSecrets,
  IsOptionalSecrets,
  parseInternalSecrets,
} from './internal-secrets.js';
export { createLogger, type Logger } from './logger.js';
export { registerPoolMetrics, registerProcessMetrics } from './metrics.js';
export { migrate, migrateDatabase, type Migrations } from './migrations.js';
export { OAuthTokens, type OAuthSettings } from './oauth-tokens.js';
export { createPool, postgresCheck, type PoolSettings } from './postgres/pool.js';
export {
  beginStatement,
  inTransaction,
  MAY_BE_IDLE,
  runTogether,
  toPostgresText,
  type NamedStatement,
  type Pool,
  type PoolClient,
  type Queryable,
} from './postgres/transaction.js';
export type { PostgresConnection } from './postgres/client.js';
export { postgresConnection, WithPostgres, type PostgresConfig } from './postgres/postgres.config.js';
export { runApp, type Fatal, type RunningApp } from './run-app.js';
export {
  checkServer,
  logUnusableServers,
  redactPassword,
  ServerUnusableError,
  type ServerCheck,
} from './server-check.js';
export {
  readFileVersion,
  readPasswordFile,
  readPemFile,
  readSettingFile,
  SecretFile,
} from './setting-files.js';
export {
  currentTraceparents,
  isTracing,
  runInSpans,
  runOutsideSpans,
  startSpan,
  withSpans,
  type Span,
  type SpanAttributes,
} from './tracing/span.js';
export { describeTlsError, readSecureContext, type TlsFiles } from './tls.js';
export { TracingConfig } from './tracing/start-tracing.js';
