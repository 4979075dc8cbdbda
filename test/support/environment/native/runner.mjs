// Jest's `testRunner`: runs one spec file with jest-circus in Node itself. See environment.mjs for why.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import 'reflect-metadata';
import { nextSpecFile, withSuffix } from './typescript.mjs';

const require = createRequire(import.meta.url);
// Not among the package's exports, but its own runner uses it. It stores the declarations of a spec file in its module.
const CIRCUS = join(dirname(require.resolve('jest-circus')), 'jestAdapterInit.js');
const HANDLERS = Symbol.for('EVENT_HANDLERS');
const GLOBALS = Symbol.for('globals of the spec file');
const TIMEOUT = Symbol.for('TEST_TIMEOUT_SYMBOL');

let files = 0;

export default async function (globalConfig, config, environment, runtime, testPath, sendMessageToJest) {
  // Node maps stack traces by the source maps inside the compiled text.
  process.setSourceMapsEnabled(true);
  Error.prepareStackTrace = undefined;
  delete globalThis[TIMEOUT];
  delete globalThis[HANDLERS];
  delete require.cache[CIRCUS];
  const { initialize, runAndTransformResultsToJestFormat } = require(CIRCUS);
  nextSpecFile(++files, { everything: globalConfig.watch || globalConfig.watchAll });
  await initialize({
    config,
    environment,
    runtime,
    globalConfig,
    localRequire: require,
    parentProcess: process,
    sendMessageToJest,
    setGlobalsForRuntime(globals) {
      globalThis[GLOBALS] = globals;
    },
    testPath,
  });
  await import(withSuffix(pathToFileURL(testPath).href));
  const now = Date.now();
  return runAndTransformResultsToJestFormat({
    config,
    globalConfig,
    setupAfterEnvPerfStats: { setupAfterEnvStart: now, setupAfterEnvEnd: now },
    testPath,
  });
}
