import 'reflect-metadata';
import { createLogger, loadConfig, runApp } from '#libs/platform';
import { ProjectorConfig } from './config.js';
import { startProjector } from './projector-app.js';

const logger = createLogger('projector');

await runApp(logger, (fatal) => startProjector(loadConfig(ProjectorConfig), logger, fatal));
