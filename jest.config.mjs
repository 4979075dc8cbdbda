import { readFileSync } from 'node:fs';

const {
  exclude: _specs,
  $schema: _schema,
  ...swc
} = JSON.parse(readFileSync(new URL('./.swcrc', import.meta.url), 'utf8'));

/**
 * Specs that kill and restart a lot, or type every command of a document: together as long as all the others. `npm test`
 * leaves them to `npm run test:long`.
 */
const LONG = [
  'test/analysts/documented',
  'test/bench/',
  'test/browser/',
  'test/chaos/',
  'test/e2e/readme',
  'test/e2e/stuck-servers',
  'test/http/bench',
  'test/notification/flood',
  'test/notification/ledger-tool',
  'test/notification/replay',
  'test/projections/documented',
  'test/projections/storm',
  'test/reminders/eight-weeks',
  'test/replay/events',
  'test/runbooks/commands',
  'test/sigterm/',
  'test/tools/',
];

/** Which specs run: `TEST_TIER=short` or `long`; all of them without it. */
const tier = process.env.TEST_TIER;

/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['mono-src', 'node', 'node-addons'] },
  roots: ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/test'],
  testRegex: tier === 'long' ? LONG.map((path) => `/${path}.*\\.spec\\.tsx?$`) : '\\.spec\\.tsx?$',
  testPathIgnorePatterns: [
    '/node_modules/',
    ...(tier === 'short' ? LONG.map((path) => `<rootDir>/${path}`) : []),
  ],
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  moduleFileExtensions: ['js', 'ts', 'tsx', 'json', 'node'],
  transform: { '^.+\\.tsx?$': ['@swc/jest', { ...swc, swcrc: false, sourceMaps: 'inline' }] },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  setupFiles: ['reflect-metadata'],
  globalSetup: '<rootDir>/test/servers/global-setup.mjs',
  // Most specs start servers, on machines that may be busy. What hangs is caught all the same.
  testTimeout: 300_000,
  // Specs mostly wait for servers: as many at once as there are cores.
  maxWorkers: '100%',
  workerIdleMemoryLimit: '1GB',
};
