import config from '../../jest.config.mjs';

/** The specs that must notice every change to the domain: those beside it, and the recorded histories. */
export default {
  ...config,
  roots: ['<rootDir>/test/mutation'],
  testRegex: 'every-spec\\.ts$',
  testTimeout: 5_000,
};
