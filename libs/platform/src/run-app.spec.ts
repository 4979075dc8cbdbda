import { describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const BUILT = pathToFileURL(resolve(import.meta.dirname, '../../../dist/libs/platform/src')).href;

interface Line {
  readonly level: string;
  readonly msg: string;
  readonly signal?: string;
}

/** An app in a process of its own. `start` is the body of its start function. */
function app(start: string, stopDeadlineMs = 5_000) {
  const source = `
    import { setTimeout as sleep } from 'node:timers/promises';
    import { createLogger } from '${BUILT}/logger.js';
    import { runApp } from '${BUILT}/run-app.js';
    const logger = createLogger('example', 'info');
    const alive = setInterval(() => undefined, 1_000);
    await runApp(logger, async (fatal) => { ${start} }, ${stopDeadlineMs});`;
  const { NODE_OPTIONS: _options, ...env } = process.env;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  const lines: Line[] = [];
  let errors = '';
  let rest = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const waiting = new Map<string, () => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop()!;
    for (const part of parts) {
      const line = JSON.parse(part) as Line;
      lines.push(line);
      waiting.get(line.msg)?.();
    }
  });
  return {
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    async said(msg: string): Promise<void> {
      const heard = new Promise<void>((done) => waiting.set(msg, done));
      if (lines.some((line) => line.msg === msg)) return;
      await Promise.race([
        heard,
        closed.then(() => Promise.reject(new Error(`ended before ${msg}: ${errors}`))),
      ]);
    },
    async ended() {
      const [code, signal] = await closed;
      return { code, signal, lines, errors, messages: lines.map(({ msg }) => msg) };
    },
  };
}

describe('runApp', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('stops the app on %s and exits 0', async (signal) => {
    const child = app(`return { async stop() { await sleep(50); logger.info('drained'); } };`);
    await child.said('ready');
    child.kill(signal);
    const { code, lines, messages } = await child.ended();
    expect(code).toBe(0);
    expect(messages).toEqual([
      'ready',
      'stopping: takes no new work and finishes the work in hand',
      'drained',
      'stopped',
    ]);
    expect(lines[1]!.signal).toBe(signal);
  });

  it('stops once, however many signals it receives', async () => {
    const child = app(`return { async stop() { logger.info('draining'); await sleep(300); } };`);
    await child.said('ready');
    child.kill('SIGINT');
    await child.said('draining');
    child.kill('SIGINT');
    child.kill('SIGTERM');
    const { code, messages } = await child.ended();
    expect(code).toBe(0);
    expect(messages.filter((message) => message === 'draining')).toHaveLength(1);
    expect(messages.at(-1)).toBe('stopped');
  });

  it('exits 1 with one log line when the start fails', async () => {
    const { code, lines, errors } = await app(`throw new Error('DATABASE_URL should not be empty');`).ended();
    expect(code).toBe(1);
    expect(lines).toEqual([
      expect.objectContaining({ level: 'fatal', msg: 'DATABASE_URL should not be empty' }),
    ]);
    expect(errors).toBe('');
  });

  it('exits 1 when stopping takes longer than the deadline', async () => {
    const child = app(
      `return { stop() { clearInterval(alive); return new Promise(() => undefined); } };`,
      100,
    );
    await child.said('ready');
    child.kill('SIGTERM');
    const { code, messages } = await child.ended();
    expect(code).toBe(1);
    expect(messages.at(-1)).toMatch(/^not stopped within 100 ms/);
  });

  it('exits 1 when stopping fails', async () => {
    const child = app(`return { stop: () => Promise.reject(new Error('cannot')) };`);
    await child.said('ready');
    child.kill('SIGTERM');
    const { code, messages } = await child.ended();
    expect(code).toBe(1);
    expect(messages.at(-1)).toBe('stop failed');
  });

  it.each([
    [
      'a fatal failure',
      `setImmediate(() => fatal('the consumer crashed', new Error('gone')));`,
      'the consumer crashed',
    ],
    [
      'an unhandled rejection',
      `setImmediate(() => void Promise.reject(new Error('lost')));`,
      'unhandled rejection',
    ],
    ['an uncaught exception', `setImmediate(() => { throw new Error('lost'); });`, 'uncaught exception'],
  ])('exits 1 on %s', async (_what, then, message) => {
    const { code, messages } = await app(`${then} return { stop: async () => undefined };`).ended();
    expect(code).toBe(1);
    expect(messages.at(-1)).toBe(message);
  });
});
