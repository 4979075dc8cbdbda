import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { APPS } from '../../support/deployed.js';
import { SilentServer, STOPPED } from './starting-app.js';

const silent = new SilentServer();
beforeAll(() => silent.listen());
afterAll(() => silent.close());

describe('an app that receives SIGTERM during its start', () => {
  it.each(APPS)('exits 0 and has not begun to work: %s, while it waits for its servers', async (app) => {
    const { child, ended } = silent.start(app);
    await Promise.race([silent.connection(), ended]);
    child.kill('SIGTERM');
    expect(await ended).toEqual(STOPPED);
  });
});
