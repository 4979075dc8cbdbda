import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Applies every small change that Stryker knows to the domain, and expects a spec to fail. docs/mutation.md explains
 * the survivors.
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
export default {
  mutate: ['libs/invitation/src/**/*.ts', '!**/*.spec.ts'],
  testRunner: 'jest',
  testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
  plugins: ['@stryker-mutator/jest-runner'],
  jest: {
    configFile: 'test/support/mutation/jest.config.mjs',
    enableFindRelatedTests: false,
    config: { rootDir: '.' },
  },
  coverageAnalysis: 'perTest',
  concurrency: 2,
  // Modules of a run stay in the runner's memory for ever and slow it down.
  maxTestRunnerReuse: 20,
  // Nothing here runs for long. A timeout means a busy machine, and would count as a killed mutant.
  timeoutMS: 30_000,
  thresholds: { high: 100, low: 95, break: 95 },
  reporters: ['clear-text', 'progress-append-only'],
  clearTextReporter: { reportTests: false, allowColor: false, skipFull: true },
  ignorePatterns: ['dist', '.standalone', 'docs', 'deploy', 'examples'],
  // Outside the project, where no other tool looks, and outside node_modules, where jest finds no specs.
  tempDirName: join(tmpdir(), 'invitations-mutation'),
};
