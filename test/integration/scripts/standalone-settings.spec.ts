import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { minimalEnv } from '../../support/minimal-env.js';
import { newFolder, removeFolder } from '../../support/standalone.js';

const MAIN = resolve(import.meta.dirname, '../../../dist/apps/standalone/src/main.js');

describe('npm start', () => {
  const dir = newFolder();
  afterAll(() => removeFolder(dir));

  it.each([
    [{ INVITATION_LIMIT: '-3' }, 'INVITATION_LIMIT must not be less than 0'],
    [{ FOLLOW_UP_INTERVAL: '30' }, 'FOLLOW_UP_INTERVAL must be an ISO 8601 duration'],
    [{ TEXT_TOPIC_RETENTION: 'PT1S' }, 'TEXT_TOPIC_RETENTION must be an ISO 8601 duration of at least PT1H'],
  ])('ends before it starts a server with %j', (wrong, problem) => {
    const env = { ...minimalEnv(), STANDALONE_DIR: dir, ...wrong };
    const { status, stderr } = spawnSync(process.execPath, [MAIN], { env, encoding: 'utf8' });
    expect(stderr).toContain(`cannot start: invalid configuration: ${problem}`);
    expect(status).toBe(1);
    expect(existsSync(join(dir, 'postgres'))).toBe(false);
  });
});
