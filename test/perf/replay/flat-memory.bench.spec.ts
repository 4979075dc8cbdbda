import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { REPLAY_FLAGS } from './candidates.js';

const MAIN = resolve(import.meta.dirname, '../../../dist/test/perf/replay/memory.main.js');

async function peakMiB(command: string, events: number): Promise<number> {
  const { NODE_OPTIONS: _options, ...env } = process.env;
  const args = [...REPLAY_FLAGS, MAIN, command, String(events)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  return Number(stdout);
}

/** Memory depends little on what else the machine does, so this is measured in a test, too. */
describe.each(['report', 'sql', 'what-if'])('the memory of replay %s', (command) => {
  it('grows far less than the number of events', async () => {
    const short = await peakMiB(command, 100_000);
    const long = await peakMiB(command, 400_000);
    // 1.1 to 1.3, and 4 if the events were held in memory. The requirement of 1.2 is measured by the bench.
    expect(long / short).toBeLessThan(1.5);
  }, 600_000);
});
