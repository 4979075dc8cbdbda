import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout: this file is built into dist/apps/standalone/src. */
export const PROJECT = resolve(dirname(fileURLToPath(import.meta.url)), '../../../..');

/** Where everything that must survive a restart lives. */
export const STATE = resolve(process.env['STANDALONE_DIR'] ?? join(PROJECT, '.standalone'));

export const ENDPOINTS_FILE = join(STATE, 'endpoints.json');

export const builtApp = (app: string): string => join(PROJECT, 'dist', 'apps', app, 'src', 'main.js');
