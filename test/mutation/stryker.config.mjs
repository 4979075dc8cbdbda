import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Changes the domain in every small way that Stryker knows, and expects a spec to notice. What survives is explained
 * in docs/mutation.md.
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
export default {
  mutate: ['libs/invitation/src/**/*.ts', '!**/*.spec.ts'],
  testRunner: 'jest',
  testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
  plugins: ['@stryker-mutator/jest-runner'],
  jest: {
    configFile: 'test/mutation/jest.config.mjs',
    enableFindRelatedTests: false,
    config: { rootDir: '.' },
  },
  coverageAnalysis: 'perTest',
  concurrency: 2,
  // Modules of a run stay in the runner's memory for ever, and it slows down under their weight.
  maxTestRunnerReuse: 20,
  // Nothing here runs for long: what seems to hang is a busy machine, and would be taken for killed.
  timeoutMS: 30_000,
  thresholds: { high: 100, low: 95, break: 95 },
  reporters: ['clear-text', 'progress-append-only'],
  clearTextReporter: { reportTests: false, allowColor: false, skipFull: true },
  ignorePatterns: ['dist', '.standalone', 'docs', 'deploy', 'examples'],
  // Outside the project, where no other tool looks, and outside node_modules, where jest finds no specs.
  tempDirName: join(tmpdir(), 'invitations-mutation'),
};
