import 'reflect-metadata';
import { kafkaCheck } from '#libs/kafka';
import { postgresCheck } from '#libs/platform';
import { runService } from '#libs/service';
import { ApiApp } from './api-app.js';
import { ApiConfig } from './config/api.config.js';
import { createHttpApp } from './create-http-app.js';

await runService(
  'api',
  ApiConfig,
  ({ KAFKA_BROKERS, DATABASE_URL }) => [kafkaCheck(KAFKA_BROKERS), postgresCheck(DATABASE_URL)],
  async (options) => {
    const http = await createHttpApp(options);
    return { start: () => http.get(ApiApp).start(http) };
  },
);
