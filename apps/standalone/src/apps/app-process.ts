import { fork } from 'node:child_process';
import { once } from 'node:events';
import { builtApp } from '../paths.js';
import type { Child } from '../supervised.js';
import { keepLog } from './app-log.js';

/** Longer than the app's own deadline for draining. */
const STOP_DEADLINE_MS = 25_000;

/** kafkajs 2.2.4 asks for timers in the past; Node takes them for 1 ms, which is what kafkajs means. */
const NODE_FLAGS = ['--enable-source-maps', '--disable-warning=TimeoutNegativeWarning'];

const EXIT_WITH_PARENT = new URL('../exit-with-parent.js', import.meta.url).href;

/** Starts an app in a process of its own, with nothing in its environment but what it is given. */
export function startApp(app: string, env: Record<string, string>, say: (line: string) => void): Child {
  const child = fork(builtApp(app), [], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    execArgv: [...NODE_FLAGS, '--import', EXIT_WITH_PARENT],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  keepLog(app, child.stdout!, say);
  keepLog(app, child.stderr!, say);
  const exited = (once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>).then(
    ([code, signal]) => ({ code, signal }),
  );
  return {
    exited,
    async stop() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
      await exited;
      clearTimeout(timer);
    },
  };
}

/** Waits until an app says that it is ready, and says what it waits for when it takes too long. */
export async function untilReady(app: string, url: string, withinMs: number): Promise<void> {
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
