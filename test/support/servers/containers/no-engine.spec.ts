import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';

const WHAT_TO_DO = /^TEST_SERVERS=containers needs a container engine: start Docker, .*\n$/;

/** Runs a suite as a developer does. */
async function run(env: Record<string, string>) {
  // The suite is not one of the long tests, to which this spec belongs.
  const { NODE_OPTIONS: _options, TEST_TIER: _tier, ...rest } = process.env;
  const child = spawn('npm', ['run', '--silent', 'jest', '--', 'test/contract/mail', '--ci'], {
    env: { ...rest, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  return { code: code as number, output, errors };
}

async function expectOneLine(): Promise<void> {
  const { code, output, errors } = await run({
    TEST_SERVERS: 'containers',
    DOCKER_HOST: 'tcp://127.0.0.1:1',
  });
  expect(output).toBe('');
  expect(errors).toMatch(WHAT_TO_DO);
  expect(code).toBe(1);
}

describe('TEST_SERVERS=containers without a container engine', () => {
  const socket = ['/var/run/docker.sock', `/run/user/${process.getuid?.()}/docker.sock`].find(existsSync);
  if (socket !== undefined) console.warn(`Its absence is not tested: an engine answers at ${socket}.`);

  // oxlint-disable-next-line jest/no-disabled-tests -- said above, where there is an engine
  const itWithoutEngine = socket === undefined ? it : it.skip;
  itWithoutEngine('ends before the first test, with one line that says what to do', expectOneLine, 120_000);

  it('does not wait for a socket that accepts a connection and never responds', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const since = performance.now();
    const { code, errors } = await run({
      TEST_SERVERS: 'containers',
      DOCKER_HOST: `tcp://127.0.0.1:${port}`,
    });
    silent.close();
    expect(errors).toMatch(WHAT_TO_DO);
    expect(errors).toContain('does not answer');
    expect(code).toBe(1);
    // Ten seconds, and the time to start npm and jest on a busy machine.
    expect(performance.now() - since).toBeLessThan(90_000);
  });

  it('lists the words that TEST_SERVERS accepts', async () => {
    const { code, errors } = await run({ TEST_SERVERS: 'docker' });
    expect(errors).toBe(
      'TEST_SERVERS may name containers, kafka, postgres, postgres-tls, pgbouncer, not docker\n',
    );
    expect(code).toBe(1);
  });
});
