import 'reflect-metadata';
import { eventStoreCheck } from '#libs/event-store';
import { kafkaCheck, kafkaSettings } from '#libs/kafka';
import { postgresCheck, postgresConnection } from '#libs/platform';
import { composeApp, runService } from '#libs/service';
import { ProjectorConfig } from './config.js';
import { ProjectorApp } from './projector-app.js';
import { ProjectorModule } from './projector.module.js';

await runService(
  'projector',
  ProjectorConfig,
  (config) => [
    eventStoreCheck(config, 'reads the log'),
    kafkaCheck(kafkaSettings(config)),
    postgresCheck(postgresConnection(config)),
  ],
  (options) => composeApp(ProjectorModule.forRoot(options), ProjectorApp, options),
);
