import 'reflect-metadata';
import { createLogger, loadConfig, runApp } from '#libs/platform';
import { ApiConfig } from './config.js';
import { startApi } from './start.js';

const logger = createLogger('api');

await runApp(logger, (fatal) => startApi(loadConfig(ApiConfig), logger, fatal));
