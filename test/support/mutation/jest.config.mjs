import config from '../../../jest.config.mjs';

/** The specs that must notice every change to the domain: those beside it, and the recorded histories. */
export default {
  ...config,
  // Stryker loads the environment with `require`, and changes the modules that Jest loads.
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['mono-src', 'node', 'node-addons'] },
  testRunner: 'jest-circus/runner',
  setupFiles: ['reflect-metadata'],
  roots: ['<rootDir>/test/support/mutation'],
  testRegex: 'every-spec\\.ts$',
  testTimeout: 5_000,
};
