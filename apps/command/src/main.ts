import 'reflect-metadata';
import { setFlagsFromString } from 'node:v8';
import { NestFactory } from '@nestjs/core';
import { createLogger, loadConfig, NestLogger, runApp } from '#libs/platform';
import { CommandApp } from './command-app.js';
import { CommandModule } from './command.module.js';
import { CommandConfig } from './config.js';

// What leaves the account cache is old by then, and only a full collection frees it. V8 would let the heap of a long
// backlog grow several times over before it runs one; now it may double.
setFlagsFromString('--heap-growing-percent=100');

const logger = createLogger('command');

await runApp(logger, async (fatal) => {
  const config = loadConfig(CommandConfig);
  const setting = { config, logger, fatal, now: () => new Date() };
  const context = await NestFactory.createApplicationContext(CommandModule.with(setting), {
    logger: new NestLogger(logger),
    abortOnError: false,
  });
  return context.get(CommandApp).start();
});
