import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { PROJECT, STATE } from '../state/state-directory.js';
import type { SupervisedChild } from '../processes/supervised-process.js';

/** Milliseconds; longer than the app's own deadline for draining. */
const STOP_TIMEOUT_MS = 25_000;

/** kafkajs 2.2.4 sets timers in the past; Node uses 1 ms for them, as kafkajs intends. */
const NODE_FLAGS = ['--enable-source-maps', '--disable-warning=TimeoutNegativeWarning'];

const EXIT_WITH_PARENT = new URL('./exit-with-parent.js', import.meta.url).href;

/** Starts an app in a process of its own, whose environment contains only the given variables. */
export function startApp(
  app: string,
  env: Record<string, string>,
  print: (line: string) => void,
): SupervisedChild {
  const child = fork(join(PROJECT, 'dist/apps', app, 'src/main.js'), [], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    execArgv: [...NODE_FLAGS, '--import', EXIT_WITH_PARENT],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  captureLog(app, child.stdout!, print);
  captureLog(app, child.stderr!, print);
  const exited = (once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>).then(
    ([code, signal]) => ({ code, signal }),
    // No process was created; the supervisor retries as after an exit.
    (error: Error) => {
      print(`${app}: ${error.message}`);
      return { code: null, signal: null };
    },
  );
  return {
    exited,
    async stop() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
      await exited;
      clearTimeout(timer);
    },
  };
}

/**
 * Waits until an app is ready.
 * @throws with the app's report when it takes longer than `withinMs`
 */
export async function waitUntilReady(app: string, url: string, withinMs: number): Promise<void> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const answer = await fetch(`${url}/readyz`).then(
      async (response) => ({ ready: response.ok, report: await response.text() }),
      (error: unknown) => ({ ready: false, report: String(error) }),
    );
    if (answer.ready) return;
    if (Date.now() > deadline) throw new Error(`${app} is not ready after ${withinMs} ms: ${answer.report}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The directory of the apps' logs. */
export const LOGS = join(STATE, 'logs');

/**
 * Writes an app's output to its log file and prints its errors, including lines that are not JSON: a process that
 * failed to start prints those.
 */
function captureLog(app: string, output: Readable, print: (line: string) => void): void {
  mkdirSync(LOGS, { recursive: true });
  const file = createWriteStream(join(LOGS, `${app}.log`), { flags: 'a' });
  const lines = createInterface({ input: output });
  lines.on('line', (line) => {
    file.write(`${line}\n`);
    const shown = toConsoleLine(line);
    if (shown !== undefined) print(`${app}: ${shown}`);
  });
  lines.on('close', () => file.end());
}

function toConsoleLine(line: string): string | undefined {
  try {
    const { level, msg } = JSON.parse(line) as { level?: string; msg?: string };
    return level === 'error' || level === 'fatal' ? `${level}: ${msg}` : undefined;
  } catch {
    return line;
  }
}
