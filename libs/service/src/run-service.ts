import { setImmediate } from 'node:timers/promises';
import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  createLogger,
  loadConfig,
  logUnusableServers,
  postgresConnection,
  runApp,
  type PostgresConfig,
  type RunningApp,
  type ServerCheck,
} from '#libs/platform';
import { NestLogger } from './nest-logger.js';
import type { ServiceOptions } from './providers.js';
import { assertSchemasAreCurrent, type SchemaName } from './schema-version.js';

/** The app of a service. Its constructor connects to nothing. */
export interface App {
  start(): Promise<RunningApp>;
}

/**
 * Runs the process of a service: reads its configuration, composes its app, logs which of its servers cannot be used, and
 * starts it. The servers are checked after the composition, which keeps the process busy: their answers would seem late.
 */
export async function runService<Config extends PostgresConfig>(
  name: string,
  configClass: new () => Config,
  serversOf: (config: Config) => readonly ServerCheck[],
  compose: (options: ServiceOptions<Config>) => Promise<App>,
  schemas: readonly SchemaName[] = ['read_models'],
): Promise<void> {
  const logger = createLogger(name);
  await runApp(logger, async (fatal, stopping) => {
    const config = loadConfig(configClass);
    const app = await compose({ config, logger, fatal, now: () => new Date() });
    // The composition keeps the process busy, so a signal during it is handled only now.
    await setImmediate();
    stopping.throwIfAborted();
    void logUnusableServers(serversOf(config), logger);
    await assertSchemasAreCurrent(postgresConnection(config), schemas, logger);
    stopping.throwIfAborted();
    return app.start();
  });
}

/** Composes the app of a service whose HTTP server is not Nest's. */
export async function composeApp(
  module: DynamicModule,
  app: Type<App>,
  { logger }: Pick<ServiceOptions<object>, 'logger'>,
): Promise<App> {
  const options = { logger: new NestLogger(logger), abortOnError: false };
  const context = await NestFactory.createApplicationContext(module, options);
  return context.get(app);
}
