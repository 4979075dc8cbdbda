import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { minimalEnv } from './minimal-env.js';
import { until } from './until.js';

const DIST = resolve(import.meta.dirname, '../../dist');

/** A built app as a process, as in a deployment. It has only the given variables, and ends with the test run. */
export class AppProcess {
  /** Resolves with the exit code or the signal that ended the process. */
  readonly exited: Promise<number | NodeJS.Signals>;
  private readonly child: ChildProcess;
  private exit: number | NodeJS.Signals | undefined;
  private text = '';

  constructor(
    readonly name: string,
    env: Readonly<Record<string, string>>,
  ) {
    const main = join(DIST, `apps/${name}/src/main.js`);
    this.child = spawn(process.execPath, ['--disable-warning=TimeoutNegativeWarning', main], {
      env: { ...minimalEnv(), HEALTH_PORT: '0', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout!, this.child.stderr!])
      stream.setEncoding('utf8').on('data', (text: string) => (this.text += text));
    const kill = () => this.child.kill('SIGKILL');
    process.once('exit', kill);
    this.exited = once(this.child, 'exit').then(([code, signal]) => {
      process.off('exit', kill);
      return (this.exit = (code ?? signal) as number | NodeJS.Signals);
    });
  }

  /** All of its standard output and standard error. */
  get output(): string {
    return this.text;
  }

  /** The exit code or the signal that ended the process; undefined while it runs. */
  get ended(): number | NodeJS.Signals | undefined {
    return this.exit;
  }

  /** The peak of its resident memory. */
  memoryMiB(): number {
    const status = readFileSync(`/proc/${this.child.pid}/status`, 'utf8');
    return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)![1]) / 1024;
  }

  /** @throws when the process ends before it is ready, or is not ready in time */
  async untilReadyAt(url: string): Promise<void> {
    const isReady = () =>
      fetch(`${url}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      );
    const failure = () => `${this.name} is not ready:\n${this.output}`;
    await until(async () => this.ended !== undefined || (await isReady()), 80_000, failure);
    if (this.ended !== undefined) throw new Error(failure());
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.exited;
  }

  /** Sends SIGTERM, as Kubernetes does. @returns the exit code */
  stop(): Promise<number | NodeJS.Signals> {
    this.signal('SIGTERM');
    return this.exited;
  }
}
