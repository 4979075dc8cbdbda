import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A development server in a child process, seen from the process that started it. */
export interface DevServer<Addresses> {
  readonly pid: number;
  readonly addresses: Addresses;
  /** Settles when the process has exited, for whatever reason. */
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Asks the process to close its files and exit. Kills it after ten seconds. */
  stop(): Promise<void>;
  /** Sends SIGKILL, to simulate a crash. */
  kill(): Promise<void>;
}

export interface LaunchOptions {
  /** How long the server may take to become ready. */
  readonly readyWithinMs?: number;
  /** Where stdout and stderr of the child go. Default: `inherit`. */
  readonly stdio?: 'inherit' | 'ignore';
}

const STOP_DEADLINE_MS = 10_000;

/**
 * Runs a built module that calls `serve` in a child process, and waits until its server is ready.
 * @param main path of the source file below libs/dev-servers/src without extension, for example `kafka/main`
 * @throws when the server is not ready in time; when it exits before, with the server's own reason
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
    exited.then(
      ({ code, signal }) => {
        clearTimeout(timer);
        reject(new Error(`${main} exited before it was ready (${signal ?? code})`));
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(new Error(`${main} did not start`, { cause: error }));
      },
    );
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
    await kill().catch(() => undefined);
    throw error;
  }
}

/** The child always runs the module in dist, even if a test runs this file from its source. */
function builtModule(main: string): string {
  const here = fileURLToPath(new URL(`../${main}.js`, import.meta.url));
  const inProject = join('libs', 'dev-servers', 'src', `${main}.js`);
  const root = here.slice(0, -inProject.length);
  return root.endsWith(join('dist', sep)) ? here : join(root, 'dist', inProject);
}

/** The message with which the parent asks a server to close its files and exit. */
const STOP = 'stop';

/** A development server that runs in this process. */
export interface RunningServer<Addresses> {
  readonly addresses: Addresses;
  stop(): Promise<void>;
}

/**
 * The main module of a development server: starts the server with the settings that the parent has passed, reports that it is ready,
 * and stops when the parent asks for it or exits, so that no process is left behind.
 *
 * Signals are ignored while there is a parent: Ctrl-C and some supervisors signal the whole process group, but only the parent knows
 * in which order to stop its servers. It sends a message.
 */
export async function serve(start: (settings: never) => Promise<RunningServer<unknown>>): Promise<void> {
  if (process.env['NODE_ENV'] === 'production') {
    return fail('development servers refuse to run with NODE_ENV=production');
  }
  let server: RunningServer<unknown> | undefined;
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    void (server?.stop() ?? Promise.resolve()).finally(() => process.exit(0));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => process.connected || stop());
  }
  process.on('message', (message) => message === STOP && stop());
  process.once('disconnect', stop);
  try {
    server = await start(JSON.parse(process.argv[2] ?? '{}') as never);
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
  if (stopping) return void server.stop().finally(() => process.exit(0));
  process.send?.({ ready: server.addresses });
}

function fail(reason: string): void {
  process.stderr.write(`${reason}\n`);
  process.exitCode = 1;
  if (process.send) process.send({ failed: reason }, () => process.exit(1));
}
