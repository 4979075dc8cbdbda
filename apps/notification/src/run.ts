import 'reflect-metadata';
import { kafkaCheck } from '#libs/kafka';
import { smtpCheck } from '#libs/mail';
import { postgresCheck } from '#libs/platform';
import { composeApp, runService } from '#libs/service';
import { NotificationConfig } from './config.js';
import { NotificationApp } from './notification-app.js';
import { NotificationModule } from './notification.module.js';

await runService(
  'notification',
  NotificationConfig,
  ({ KAFKA_BROKERS, DATABASE_URL, SMTP_URL }) => [
    kafkaCheck(KAFKA_BROKERS),
    postgresCheck(DATABASE_URL),
    smtpCheck(SMTP_URL),
  ],
  (options) => composeApp(NotificationModule.forRoot(options), NotificationApp, options),
);
