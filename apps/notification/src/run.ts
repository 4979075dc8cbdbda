import 'reflect-metadata';
import { kafkaCheck, kafkaSettings } from '#libs/kafka';
import { smtpCheck, smtpConnection } from '#libs/mail';
import { postgresCheck, postgresConnection } from '#libs/platform';
import { composeApp, runService } from '#libs/service';
import { NotificationConfig } from './config.js';
import { NotificationApp } from './notification-app.js';
import { NotificationModule } from './notification.module.js';

await runService(
  'notification',
  NotificationConfig,
  (config) => [
    kafkaCheck(kafkaSettings(config)),
    postgresCheck(postgresConnection(config)),
    smtpCheck(smtpConnection(config)),
  ],
  (options) => composeApp(NotificationModule.forRoot(options), NotificationApp, options),
  ['read_models', 'notification'],
);
