import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { STOP } from './serve.js';

/** A development server in a child process, seen from the process that started it. */
export interface DevServer<Addresses> {
  readonly pid: number;
  readonly addresses: Addresses;
  /** Settles when the process is gone, whoever ended it. */
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Asks it to close its files and exit; kills it when that takes longer than ten seconds. */
  stop(): Promise<void>;
  /** SIGKILL, as a crash would be. */
  kill(): Promise<void>;
}

export interface LaunchOptions {
  /** How long the server may take until it is ready, in milliseconds. */
  readonly readyWithinMs?: number;
  /** Where the child's stdout and stderr go. Default: to ours. */
  readonly stdio?: 'inherit' | 'ignore';
}

const STOP_DEADLINE_MS = 10_000;

/**
 * Starts `main`, a built module that calls `serve`, with `settings` and waits until it is ready.
 * @param main path of the source file below libs/dev-servers/src, e.g. `kafka/main`
 * @throws when the server exits before it is ready, with its own reason
 */
export async function launch<Addresses>(
  main: string,
  settings: object,
  { readyWithinMs = 120_000, stdio = 'inherit' }: LaunchOptions = {},
): Promise<DevServer<Addresses>> {
  const child = fork(builtModule(main), [JSON.stringify(settings)], {
    stdio: ['ignore', stdio, stdio, 'ipc'],
    execArgv: [],
  });
  const exited = (once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>).then(
    ([code, signal]) => ({ code, signal }),
  );
  const kill = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  const ready = new Promise<Addresses>((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`${main} was not ready within ${readyWithinMs} ms`));
    }, readyWithinMs);
    child.once('message', (message: { ready: Addresses } | { failed: string }) => {
      clearTimeout(timer);
      if ('ready' in message) resolve(message.ready);
      else reject(new Error(`${main}: ${message.failed}`));
    });
    void exited.then(({ code, signal }) => {
      clearTimeout(timer);
      reject(new Error(`${main} exited before it was ready (${signal ?? code})`));
    });
  });
  try {
    const addresses = await ready;
    return {
      pid: child.pid!,
      addresses,
      exited,
      kill,
      async stop() {
        if (child.connected) child.send(STOP);
        const timer = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
        await exited;
        clearTimeout(timer);
      },
    };
  } catch (error) {
    await kill();
    throw error;
  }
}

/** Children run from dist, also when a test runs this file from its source. */
function builtModule(main: string): string {
  const here = fileURLToPath(new URL(`../${main}.js`, import.meta.url));
  const inProject = join('libs', 'dev-servers', 'src', `${main}.js`);
  const root = here.slice(0, -inProject.length);
  return root.endsWith(join('dist', sep)) ? here : join(root, 'dist', inProject);
}
