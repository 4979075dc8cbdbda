import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';

const {
  exclude: _specs,
  $schema: _schema,
  ...swc
} = JSON.parse(readFileSync(new URL('./.swcrc', import.meta.url), 'utf8'));

/**
 * Specs that kill and restart a lot, compile, or type every command of a document: together as long as all the others. `npm test`
 * leaves them to `npm run test:long`.
 */
const LONG = [
  'test/integration/analysts/documented',
  'test/integration/dev-servers/postgres-data-directory',
  'test/perf/',
  'test/e2e/browser/',
  'test/e2e/chaos/',
  'test/e2e/closing',
  'test/e2e/erase',
  'test/e2e/expiry',
  'test/e2e/publishers-tour',
  'test/e2e/readme',
  'test/e2e/stuck-servers',
  'test/e2e/generated-types/compiled',
  'test/e2e/hostile/',
  'test/integration/http/bench',
  'test/integration/notification/flood',
  'test/integration/notification/ledger-tool',
  'test/integration/notification/replay',
  'test/integration/projections/documented',
  'test/integration/projections/storm',
  'test/integration/reminders/eight-weeks',
  'test/integration/replay/events',
  'test/e2e/restore/',
  'test/e2e/runbooks/commands',
  'test/e2e/sigterm/',
  'test/e2e/stop-during-start/while-loading',
  'test/support/servers/containers/no-engine',
  'test/support/tools/',
];

/** Specs that look at what kustomize makes of deploy/kubernetes. */
const OF_KUSTOMIZE = [
  'test/deploy/client-addresses',
  'test/deploy/environments',
  'test/deploy/installations',
  'test/deploy/overlays',
  'test/deploy/readme',
  'test/deploy/schemas',
  'test/deploy/secure-connections',
  'test/e2e/runbooks/',
];

const isInstalled = (program) =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));

const hasKustomize = isInstalled('kubectl') || isInstalled('kustomize');
if (!hasKustomize) {
  console.warn(
    'kustomize is not installed, so the specs of deploy/kubernetes and of the runbooks do not run: ' +
      'install kubectl 1.25 or later, or kustomize 4.5 or later.',
  );
}

/** Specs that need images, a container engine and the ports of deploy/compose.yaml. .ci/containers has them. */
const inContainers = process.env.CONTAINERS !== undefined;
if (!inContainers && process.argv.some((argument) => argument.includes('test/containers'))) {
  console.warn('The specs in test/containers run only in .ci/containers, which builds the images.');
}

/** Specs that run Prometheus's promtool on the alerts and the metrics. */
const OF_PROMTOOL = ['test/deploy/promtool/'];

const hasPromtool = isInstalled('promtool');
if (!hasPromtool) {
  console.warn('promtool is not installed, so the unit tests of the alerts do not run: install prometheus.');
}

/** Which specs run: `TEST_TIER=short` or `long`; all of them without it. */
const tier = process.env.TEST_TIER;

/**
 * Specs run in Node itself, with packages and our own sources loaded once per worker. With TEST_ISOLATED each spec file has
 * a realm and modules of its own, as Jest does by default: it takes twice as long, and is what coverage needs.
 */
const realm = process.env.TEST_ISOLATED
  ? {
      testEnvironment: '<rootDir>/test/support/environment/unhandled-rejections.mjs',
      testEnvironmentOptions: { customExportConditions: ['mono-src', 'node', 'node-addons'] },
      setupFiles: ['reflect-metadata'],
    }
  : {
      testEnvironment: '<rootDir>/test/support/environment/native/environment.mjs',
      testRunner: '<rootDir>/test/support/environment/native/runner.mjs',
    };

/** @type {import('jest').Config} */
export default {
  ...realm,
  roots: ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/test'],
  testRegex: tier === 'long' ? LONG.map((path) => `/${path}.*\\.spec\\.tsx?$`) : '\\.spec\\.tsx?$',
  testPathIgnorePatterns: [
    '/node_modules/',
    ...(inContainers ? [] : ['<rootDir>/test/containers/']),
    ...(hasKustomize ? [] : OF_KUSTOMIZE.map((path) => `<rootDir>/${path}`)),
    ...(hasPromtool ? [] : OF_PROMTOOL.map((path) => `<rootDir>/${path}`)),
    ...(tier === 'short' ? LONG.map((path) => `<rootDir>/${path}`) : []),
  ],
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  moduleFileExtensions: ['js', 'ts', 'tsx', 'json', 'node'],
  transform: { '^.+\\.tsx?$': ['@swc/jest', { ...swc, swcrc: false, sourceMaps: 'inline' }] },
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    // As `imports` of package.json says. Jest looks here for the specs that a changed file concerns (--watch).
    '^#libs/([^/]+)/read-only$': '<rootDir>/libs/$1/src/read-only.ts',
    '^#libs/([^/]+)$': '<rootDir>/libs/$1/src/index.ts',
  },
  reporters: ['default', '<rootDir>/test/support/environment/skip-reasons.mjs'],
  globalSetup: '<rootDir>/test/support/servers/global-setup.mjs',
  globalTeardown: '<rootDir>/test/support/servers/global-teardown.mjs',
  coveragePathIgnorePatterns: ['/node_modules/', '/test/'],
  // Most specs start servers, on machines that may be busy. What hangs is caught all the same.
  testTimeout: 300_000,
  testSequencer: '<rootDir>/test/support/environment/sequencer.mjs',
  // Many specs mostly wait, for timeouts and for restarts: some more at once than there are cores. A long one starts a service of many
  // processes.
  maxWorkers: availableParallelism() + (tier === 'long' ? 1 : 2),
  workerIdleMemoryLimit: '1GB',
  // A worker has no open handles at its end, but on a busy machine Node takes longer than Jest's half second to free its memory.
  workerGracefulExitTimeout: 10_000,
};
