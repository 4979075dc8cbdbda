import 'reflect-metadata';
import { kafkaCheck, kafkaSettings } from '#libs/kafka';
import { postgresCheck, postgresConnection } from '#libs/platform';
import { runService } from '#libs/service';
import { ApiApp } from './api-app.js';
import { ApiConfig } from './config/api.config.js';
import { createHttpApp } from './create-http-app.js';

await runService(
  'api',
  ApiConfig,
  (config) => [kafkaCheck(kafkaSettings(config)), postgresCheck(postgresConnection(config))],
  async (options) => {
    const http = await createHttpApp(options);
    return { start: () => http.get(ApiApp).start(http) };
  },
);
