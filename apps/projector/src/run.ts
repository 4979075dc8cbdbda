import 'reflect-metadata';
import { eventStoreCheck } from '#libs/event-store';
import { kafkaCheck } from '#libs/kafka';
import { postgresCheck } from '#libs/platform';
import { composeApp, runService } from '#libs/service';
import { ProjectorConfig } from './config.js';
import { ProjectorApp } from './projector-app.js';
import { ProjectorModule } from './projector.module.js';

await runService(
  'projector',
  ProjectorConfig,
  ({ EVENTSTORE_URL, KAFKA_BROKERS, DATABASE_URL }) => [
    eventStoreCheck(EVENTSTORE_URL),
    kafkaCheck(KAFKA_BROKERS),
    postgresCheck(DATABASE_URL),
  ],
  (options) => composeApp(ProjectorModule.forRoot(options), ProjectorApp, options),
);
