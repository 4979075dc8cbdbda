import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';

/** The built project: this file runs from there, too. */
export const DIST = resolve(import.meta.dirname, '../../..');

/** A process that the bench has started. It does not outlive the bench. */
export interface Child {
  readonly pid: number;
  /** The next message that it sends to its parent. */
  message(): Promise<unknown>;
  /** A message to it. */
  send(message: string): void;
  /** What is waited for while it runs, or an error when it has ended before. */
  during<T>(work: Promise<T>): Promise<T>;
  /** Waits until it has ended by itself. */
  ended(): Promise<void>;
  /** SIGTERM, and wait until it is gone. */
  stop(): Promise<void>;
}

/**
 * Starts a built module.
 * @param main its path below dist
 * @param flags of Node's
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
