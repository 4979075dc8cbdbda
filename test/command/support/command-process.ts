import { spawn, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';

const MAIN = resolve(import.meta.dirname, '../../../dist/apps/command/src/main.js');

/** The built command app as a process. */
export class CommandProcess {
  private readonly child: ChildProcess;
  private readonly exited: Promise<number | NodeJS.Signals>;
  private lines = '';

  constructor(env: Readonly<Record<string, string>>) {
    // Without what the test runner put into the environment.
    this.child = spawn(process.execPath, ['--disable-warning=TimeoutNegativeWarning', MAIN], {
      env: { PATH: process.env['PATH'] ?? '', LOG_LEVEL: 'info', HEALTH_PORT: '0', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.exited = new Promise((resolve) =>
      this.child.once('exit', (code, signal) => resolve(code ?? signal!)),
    );
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      stream
        .setEncoding('utf8')
        .on('data', (text: string) => (this.lines = (this.lines + text).slice(-200_000)));
    }
  }

  /** What it wrote, the last of it. */
  get output(): string {
    return this.lines;
  }

  /** The exit code, or the signal that ended it. */
  get end(): Promise<number | NodeJS.Signals> {
    return this.exited;
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
  }

  /** As Kubernetes does. @returns the exit code */
  stop(): Promise<number | NodeJS.Signals> {
    this.child.kill('SIGTERM');
    return this.exited;
  }
}
