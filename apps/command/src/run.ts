import 'reflect-metadata';
import { setFlagsFromString } from 'node:v8';
import { eventStoreCheck } from '#libs/event-store';
import { kafkaCheck, kafkaSettings } from '#libs/kafka';
import { postgresCheck, postgresConnection } from '#libs/platform';
import { composeApp, runService } from '#libs/service';
import { CommandApp } from './command-app.js';
import { CommandModule } from './command.module.js';
import { CommandConfig } from './config.js';

// Accounts that leave the cache are in V8's old generation, which only a full garbage collection frees. Without this flag the
// heap grows to several times its size before V8 runs one; with it, the heap may double.
setFlagsFromString('--heap-growing-percent=100');

await runService(
  'command',
  CommandConfig,
  (config) => [
    eventStoreCheck(config, 'writes accounts'),
    kafkaCheck(kafkaSettings(config)),
    postgresCheck(postgresConnection(config)),
  ],
  (options) => composeApp(CommandModule.forRoot(options), CommandApp, options),
);
