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
export { FATAL, KAFKA, LOGGER, NOW, NOW_MS, POOL } from './tokens.js';
