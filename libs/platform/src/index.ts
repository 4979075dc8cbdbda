export { Backoff } from './backoff.js';
export {
  ConfigError,
  IsConsistent,
  IsDuration,
  IsDurations,
  IsHttpsInProduction,
  isProduction,
  loadConfig,
  parseDurationMs,
} from './config.js';
export { NoConfig, WithHealthPort, type ConfigClass } from './config-mixins.js';
export { IsNeededWith, IsOptionalFlag, IsOptionalText } from './config-validators.js';
export { Health, startHealthServer, type ComponentHealth } from './health.js';
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
export {
  createPool,
  inTransaction,
  postgresCheck,
  runTogether,
  toPostgresText,
  type Pool,
  type PoolClient,
  type PoolSettings,
  type Queryable,
} from './postgres/pool.js';
export type { NamedStatement } from './postgres/named-statement.js';
export { beginStatement, MAY_BE_IDLE } from './postgres/session.js';
export type { PostgresConnection } from './postgres/connection.js';
export { postgresConnection, WithPostgres, type PostgresConfig } from './postgres/postgres.config.js';
export { runApp, type Fatal, type RunningApp } from './run-app.js';
export {
  checkServer,
  logUnusableServers,
  redactPassword,
  ServerUnusableError,
  type ServerCheck,
} from './server-check.js';
export { readFileVersion, readPasswordFile, readSettingFile, SecretFile } from './setting-files.js';
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
export { describeTlsError } from './tls/tls-errors.js';
export { readPemFile, readSecureContext, type TlsFiles } from './tls/tls-files.js';
export { TracingConfig } from './tracing/start-tracing.js';
