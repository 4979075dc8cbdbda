import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { startEventStore, type DevServer } from '#libs/dev-servers';
import { findFreePort } from './ports.js';

/** Long enough to open a log, or to start a runtime. */
const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 20_000;

export type EventStoreProcess = DevServer<{ url: string }>;

/** Settings of the development server only. */
export interface DevelopmentSettings {
  /** Ends each live subscription as slow after this many events. */
  readonly endSubscriptionsEvery?: number;
}

/**
 * Starts an event store on a directory, as a process that a test may stop, kill and start again. Every suite and bench
 * starts it here. It is the development server, or that of EVENTSTORE_COMMAND (docs/contributing.md).
 */
export function startEventStoreProcess(
  settings: DevelopmentSettings & {
    readonly dataDir: string;
    /** A free port by default. */
    readonly port?: number;
  },
): Promise<EventStoreProcess> {
  const command = process.env['EVENTSTORE_COMMAND'];
  return command ? startCommand(command, settings) : startEventStore(settings);
}

/**
 * Returns the shell command that starts the server in the foreground. `{port}` and `{directory}` are replaced, or both
 * are appended in this order if neither occurs.
 */
export function eventStoreCommand(command: string, port: number, directory: string): string {
  const quoted = `'${directory.replaceAll("'", String.raw`'\''`)}'`;
  if (!command.includes('{port}') && !command.includes('{directory}')) return `${command} ${port} ${quoted}`;
  return command.replaceAll('{port}', String(port)).replaceAll('{directory}', quoted);
}

async function startCommand(
  command: string,
  { dataDir, port: wanted }: { dataDir: string; port?: number },
): Promise<EventStoreProcess> {
  await mkdir(dataDir, { recursive: true });
  const port = wanted ?? (await findFreePort());
  // `exec` makes the process that is measured and killed the server and not a shell. It has a process group, in case it
  // starts others.
  const child = spawn('/bin/sh', ['-c', `exec ${eventStoreCommand(command, port, dataDir)}`], {
    stdio: ['ignore', 'ignore', 'inherit'],
    detached: true,
  });
  const exited = exitOf(child);
  const signal = (name: NodeJS.Signals) => {
    try {
      process.kill(-child.pid!, name);
    } catch {
      // It has ended already.
    }
  };
  const killWithUs = () => signal('SIGKILL');
  process.once('exit', killWithUs);
  void exited.then(() => process.off('exit', killWithUs));
  const kill = async () => {
    signal('SIGKILL');
    await exited;
  };
  try {
    await untilLive(port, exited);
  } catch (error) {
    await kill();
    throw error;
  }
  return {
    pid: child.pid!,
    addresses: { url: `esdb://127.0.0.1:${port}?tls=false` },
    exited,
    kill,
    async stop() {
      signal('SIGTERM');
      const timer = setTimeout(() => signal('SIGKILL'), STOP_WITHIN_MS);
      await exited;
      clearTimeout(timer);
    },
  };
}

async function exitOf(child: ChildProcess): Promise<Awaited<EventStoreProcess['exited']>> {
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return { code, signal };
}

/**
 * Waits until the server responds to the health check of EventStoreDB. @throws when it has exited, or takes too long
 */
async function untilLive(port: number, exited: EventStoreProcess['exited']): Promise<void> {
  let end: string | undefined;
  void exited.then(({ code, signal }) => (end = String(signal ?? code)));
  const deadline = Date.now() + READY_WITHIN_MS;
  const isLive = () =>
    fetch(`http://127.0.0.1:${port}/health/live`).then(
      ({ status }) => status === 204,
      () => false,
    );
  while (!(await isLive())) {
    if (end !== undefined) throw new Error(`EVENTSTORE_COMMAND has ended before it was ready (${end})`);
    if (Date.now() > deadline) throw new Error(`EVENTSTORE_COMMAND is not ready after ${READY_WITHIN_MS} ms`);
    await pause(50);
  }
}
