import { describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const JEST = fileURLToPath(new URL('../../../node_modules/jest/bin/jest.js', import.meta.url));

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly title: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/** Runs the fixture with the same configuration as all specs. */
async function run(...args: string[]): Promise<Map<string, { status: string; why: string }>> {
  const output = await new Promise<string>((resolve) => {
    execFile(
      process.execPath,
      ['--experimental-vm-modules', JEST, '--testRegex=late-handler\\.fixture', '--json', ...args],
      { cwd: ROOT, env: { PATH: process.env['PATH'] } },
      (_error, stdout) => resolve(stdout),
    );
  });
  const { testResults } = JSON.parse(output) as Report;
  const results = testResults.flatMap(({ assertionResults }) => assertionResults);
  return new Map(
    results.map(({ title, status, failureMessages }) => [title, { status, why: failureMessages.join() }]),
  );
}

describe('the test environment', () => {
  it('fails a test in which a promise is rejected before anything handles it', async () => {
    const results = await run();
    expect([...results].map(([title, { status }]) => [title, status])).toEqual([
      ['handles a rejection where the promise is created', 'passed'],
      ['handles a rejection only after something else', 'failed'],
      ['never handles a rejection', 'failed'],
    ]);
    const { why } = results.get('handles a rejection only after something else')!;
    expect(why).toContain('Attach a handler where the promise is created');
    expect(why).toContain('the subscription has ended');
  });

  it("is needed, because Jest's own environment tolerates a rejection that is handled late", async () => {
    const results = await run('--env=node');
    expect(results.get('handles a rejection only after something else')?.status).toBe('passed');
  });
});
