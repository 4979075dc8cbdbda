import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { createLogger, loadConfig, NestLogger, runApp } from '#libs/platform';
import { CommandApp } from './command-app.js';
import { CommandModule } from './command.module.js';
import { CommandConfig } from './config.js';

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
