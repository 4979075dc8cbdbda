import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import {
  newFolder,
  removeFolder,
  runMain,
  startEmbedded,
  type Standalone,
} from '../../support/standalone.js';
import { until } from '../../support/until.js';

const text = readFileSync(new URL('../../../docs/projections.md', import.meta.url), 'utf8');
const commands = [...text.matchAll(/^npm run projections -- ([^#\n]+)/gm)].map(([, args]) => args!.trim());

/** Commands that fail on a service without parked accounts, with their errors. */
const ERRORS: Readonly<Record<string, string>> = {
  'retry inbox amal': 'amal is not parked in inbox',
  'skip inbox amal 5a3e2f0c-7d1b-5c44-9e0a-2b6f8d9c1e37': 'amal is not parked in inbox',
};

let dir: string;
let standalone: Standalone;

beforeAll(async () => {
  dir = newFolder();
  standalone = await startEmbedded(dir, { API_PORT: '0' });
});
afterAll(async () => {
  await standalone.stop();
  removeFolder(dir);
});

const projections = (args: string) =>
  runMain('apps/standalone/src/tool.main.js', dir, ['projector/src/projections.main.js', ...args.split(' ')]);

describe('docs/projections.md', () => {
  it('quotes commands that work in their order on a new service', async () => {
    await until(
      async () => (await projections('status inbox')).output.includes('64/64'),
      30_000,
      'workers own all slices',
    );
    expect(commands.length).toBeGreaterThan(10);
    for (const command of commands) {
      const { code, output } = await projections(command);
      const error = ERRORS[command];
      expect({ command, code, output }).toMatchObject({
        code: error === undefined ? 0 : 1,
        output: expect.stringContaining(error ?? ''),
      });
    }
  });
});
