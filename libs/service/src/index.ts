export { NestLogger } from './nest-logger.js';
export {
  consumerProvider,
  kafkaProvider,
  poolProvider,
  provideClass,
  rightsProvider,
  serviceProviders,
  type ServiceOptions,
} from './providers.js';
export { composeApp, runService, type App } from './run-service.js';
export { assertSchemasAreCurrent, SCHEMA_VERSIONS } from './schema-version.js';
export { FATAL, KAFKA, LOGGER, NOW, NOW_MS, POOL } from './tokens.js';
