import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { APPS } from '../../support/deployed.js';
import { SilentServer, STOPPED } from './starting-app.js';

const SIGNAL_AT_MODULE = pathToFileURL(join(import.meta.dirname, 'signal-at-module.mjs')).href;

const silent = new SilentServer();
beforeAll(() => silent.listen());
afterAll(() => silent.close());

describe('an app that receives SIGTERM while it loads its modules', () => {
  // Modules 1 and 2 are main.js and the one that handles signals. All later ones take a second, or several on a busy machine.
  it.each(APPS.flatMap((app) => [3, 300, 900].map((at) => [app, at] as const)))(
    'exits 0 and has not begun to work: %s, at module %d',
    async (app, at) => {
      const env = { SIGNAL_AT_MODULE: String(at) };
      const { ended } = silent.start(app, ['--import', SIGNAL_AT_MODULE], env);
      expect(await ended).toEqual(STOPPED);
    },
  );
});
