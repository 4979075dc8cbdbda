export { NestLogger } from './nest-logger.js';
export {
  consumerProvider,
  FATAL,
  KAFKA,
  kafkaProvider,
  LOGGER,
  NOW,
  NOW_MS,
  POOL,
  poolProvider,
  provideClass,
  rightsProvider,
  serviceProviders,
  type ServiceOptions,
} from './providers.js';
export { composeApp, runService, type App } from './run-service.js';
