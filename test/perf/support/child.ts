import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';

/** The root of the built project, from which this file also runs. */
export const DIST = resolve(import.meta.dirname, '../../..');

/** A process of the bench, which ends with the bench. */
export interface Child {
  readonly pid: number;
  /** Returns the next message of the process. */
  message(): Promise<unknown>;
  /** Sends a message to the process. */
  send(message: string): void;
  /** Returns the result of `work`, or throws if the process ends before. */
  during<T>(work: Promise<T>): Promise<T>;
  /** Waits until the process has ended by itself. */
  ended(): Promise<void>;
  /** Sends SIGTERM, and waits until the process has ended. */
  stop(): Promise<void>;
}

/**
 * Starts a built module.
 * @param main its path below dist
 * @param flags of Node
 */
export function startChild(
  main: string,
  env: Readonly<Record<string, string>>,
  flags: readonly string[] = ['--disable-warning=TimeoutNegativeWarning'],
): Child {
  const child = fork(join(DIST, main), {
    env: { ...process.env, ...env },
    execArgv: [...flags],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const exited = once(child, 'exit').then(([code]) => {
    process.off('exit', kill);
    return code as number | null;
  });
  const tooEarly = async (): Promise<never> => {
    throw new Error(`${main} has ended (${await exited})`);
  };
  const during = <T>(work: Promise<T>) => Promise.race([work, tooEarly()]);
  return {
    pid: child.pid!,
    message: () => during(once(child, 'message').then(([message]) => message as unknown)),
    send: (message) => void child.send(message),
    during,
    async ended() {
      await exited;
    },
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
