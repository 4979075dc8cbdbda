import { createRequire } from 'node:module';

const require = createRequire(createRequire(import.meta.url).resolve('jest-environment-node'));
const { ModernFakeTimers } = require('@jest/fake-timers');
const { ModuleMocker } = require('jest-mock');

export const mocker = new ModuleMocker(globalThis);

export const timers = new ModernFakeTimers({
  config: { rootDir: process.cwd(), fakeTimers: { enableGlobally: false, advanceTimers: false } },
  global: globalThis,
});
