import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { createLogger, loadConfig, NestLogger, runApp } from '#libs/platform';
import { NotificationConfig } from './config.js';
import { NotificationApp } from './notification-app.js';
import { NotificationModule } from './notification.module.js';

const logger = createLogger('notification');

await runApp(logger, async (fatal) => {
  const config = loadConfig(NotificationConfig);
  const setting = { config, logger, fatal, now: () => new Date() };
  const context = await NestFactory.createApplicationContext(NotificationModule.with(setting), {
    logger: new NestLogger(logger),
    abortOnError: false,
  });
  return context.get(NotificationApp).start();
});
