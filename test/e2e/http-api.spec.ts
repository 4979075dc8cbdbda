import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sharedStandalone, type SharedStandalone } from '../support/standalone.js';

const PROJECT = resolve(import.meta.dirname, '../..');
const guide = readFileSync(resolve(PROJECT, 'docs/http-api.md'), 'utf8');

/** Each command block with the output below it, in which `…` replaces varying parts. */
const examples = [...guide.matchAll(/```sh\n(.*?)```\n+```\n(.*?)```/gs)].map(([, commands, output]) => ({
  commands: commands!,
  output: output!.trim(),
}));

let service: SharedStandalone;

beforeAll(async () => {
  service = await sharedStandalone();
});
afterAll(() => service?.stop(), 60_000);

/** Runs all blocks in one shell, as a reader does, and returns the output of each. */
async function run(): Promise<string[]> {
  const mark = '@@@@';
  const script = examples.map(({ commands }) => `${commands}\nprintf '\\n${mark}\\n'\n`).join('');
  const { NODE_OPTIONS: _options, NODE_ENV: _env, ...env } = process.env;
  const shell = spawn('bash', ['-euo', 'pipefail'], {
    cwd: PROJECT,
    env: { ...env, STANDALONE_DIR: service.dir },
    stdio: ['pipe', 'pipe', 'inherit'],
    // A loop in a command may never end.
    timeout: 120_000,
  });
  shell.stdin.end(script.replaceAll('http://127.0.0.1:3000', service.endpoints.api));
  const outputs = (await text(shell.stdout)).split(mark);
  return outputs.slice(0, -1).map((output) => output.trim());
}

describe('docs/http-api.md', () => {
  it('quotes commands that work, with their responses', async () => {
    expect(guide.match(/```sh/g)).toHaveLength(examples.length);
    expect(examples.length).toBeGreaterThan(5);
    const outputs = await run();
    expect(outputs).toHaveLength(examples.length);
    for (const [index, { output }] of examples.entries()) {
      const pattern = output
        .split('…')
        .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
        .join('.+');
      expect(outputs[index]).toMatch(new RegExp(`^${pattern}$`));
    }
  });
});
