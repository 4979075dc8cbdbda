import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const MODULE = join(import.meta.dirname, 'run-tool.ts');

/** Prints lines on both outputs, while the pipe of its standard output is closed, and does its work after that. */
const SCRIPT = `
  const [module, kind] = process.argv.splice(1);
  const { continueWithoutOutput, createTool, runTool } = await import(module);
  const pause = () => new Promise((resolve) => setTimeout(resolve, 20));
  await runTool(
    createTool('tool', '').action(async () => {
      if (kind === 'changes') continueWithoutOutput();
      for (let n = 0; n < 20; n += 1) {
        process.stdout.write('step\\n');
        await pause();
      }
      process.send('complete');
    }),
  );
  process.disconnect();`;

async function runWithReaderThatLeaves(kind: 'changes' | 'reads') {
  const { NODE_OPTIONS: _options, ...env } = process.env;
  const child = spawn(
    process.execPath,
    ['--input-type=module', '--eval', SCRIPT, pathToFileURL(MODULE).href, kind],
    { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] },
  );
  let isComplete = false;
  child.on('message', () => (isComplete = true));
  const errors = text(child.stderr!);
  const ended = once(child, 'exit') as Promise<[number | null]>;
  await Promise.race([once(child.stdout!, 'data'), ended]);
  child.stdout!.destroy();
  const [code] = await ended;
  return { isComplete, code, errors: await errors };
}

describe('a tool whose reader closes the pipe', () => {
  it('ends at once if it only reads', async () => {
    expect(await runWithReaderThatLeaves('reads')).toEqual({ isComplete: false, code: 0, errors: '' });
  });

  it('completes what it has begun to change', async () => {
    expect(await runWithReaderThatLeaves('changes')).toEqual({ isComplete: true, code: 0, errors: '' });
  });
});
