import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { createLogger, loadConfig, runApp } from '#libs/platform';
import { ProjectorConfig } from './config.js';
import { startProjector } from './projector-app.js';

const logger = createLogger('projector');

/** Not the host's name alone: a process that comes after this one must not pass for it. */
const replica = `${hostname()}-${randomBytes(4).toString('hex')}`;

await runApp(logger, (fatal) => startProjector(loadConfig(ProjectorConfig), replica, logger, fatal));
