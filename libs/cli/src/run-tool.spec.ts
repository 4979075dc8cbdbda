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

const FAILING_SCRIPT = `
  const [module, message] = process.argv.splice(1);
  const { createTool, runTool } = await import(module);
  const tool = createTool('tool', '').action(() => { throw new Error(message); });
  await runTool(tool, { errorPrefix: 'tool' });`;

describe('a tool that fails', () => {
  it.each([
    ['no such\nmember', 'no such member'],
    [
      'not recorded: Error: Connection terminated due to connection timeout',
      'not recorded: Error: Connection terminated due to connection timeout; is PostgreSQL at DATABASE_URL up, and reachable from here?',
    ],
    ['Broker not connected', 'Broker not connected; is Kafka at KAFKA_BROKERS up, and reachable from here?'],
  ])('says in one line why, and which server does not respond: %s', async (message, said) => {
    const { NODE_OPTIONS: _options, ...env } = process.env;
    const child = spawn(
      process.execPath,
      ['--input-type=module', '--eval', FAILING_SCRIPT, pathToFileURL(MODULE).href, message],
      { env, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const [errors, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    expect({ code, errors }).toEqual({ code: 1, errors: `tool: ${said}\n` });
  });
});
