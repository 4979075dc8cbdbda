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
export {
  NoConfig,
  WithHealthPort,
  WithPostgres,
  type ConfigClass,
  type PostgresConfig,
} from './config-mixins.js';
export { Health, startHealthServer, type ComponentHealth } from './health.js';
export { internalAuthorizationHeader, isInternalRequest, IsInternalSecrets } from './internal-secrets.js';
export { createLogger, type Logger } from './logger.js';
export { registerPoolMetrics, registerProcessMetrics } from './metrics.js';
export { migrate, migrateDatabase, type Migrations } from './migrations.js';
export { OAuthTokens, type OAuthSettings } from './oauth-tokens.js';
export {
  BEGIN,
  createPool,
  inTransaction,
  postgresCheck,
  toPostgresText,
  type Pool,
  type PoolClient,
  type PoolSettings,
  type Queryable,
} from './postgres.js';
export { runApp, type Fatal, type RunningApp } from './run-app.js';
export {
  checkServer,
  logUnusableServers,
  redactPassword,
  ServerUnusableError,
  type ServerCheck,
} from './server-check.js';
export { readSettingFile, SecretFile } from './setting-files.js';
export { isTracing, startSpan, withSpans, type Span, type SpanAttributes } from './tracing/span.js';
export { TracingConfig } from './tracing/start-tracing.js';
