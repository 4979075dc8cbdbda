import { spawn, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import { LINK_KEYS } from './notification-under-test.js';

const MAIN = resolve(import.meta.dirname, '../../dist/apps/notification/src/main.js');

/** The built notification app as a process. */
export class AppProcess {
  private readonly child: ChildProcess;
  readonly end: Promise<number | NodeJS.Signals>;
  private lines = '';

  constructor(env: Readonly<Record<string, string>>) {
    // Without what the test runner put into the environment.
    this.child = spawn(process.execPath, ['--disable-warning=TimeoutNegativeWarning', MAIN], {
      env: {
        PATH: process.env['PATH'] ?? '',
        LOG_LEVEL: 'warn',
        HEALTH_PORT: '0',
        PUBLIC_URL: 'https://network.example',
        MAIL_FROM: 'Network <invitations@network.example>',
        LINK_KEYS,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.end = new Promise((done) => this.child.once('exit', (code, signal) => done(code ?? signal!)));
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      stream
        .setEncoding('utf8')
        .on('data', (text: string) => (this.lines = (this.lines + text).slice(-50_000)));
    }
  }

  /** What it wrote, the last of it. */
  get output(): string {
    return this.lines;
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** `kill -9`, now. */
  kill(): void {
    this.child.kill('SIGKILL');
  }

  /** As Kubernetes does. @returns the exit code */
  stop(): Promise<number | NodeJS.Signals> {
    this.child.kill('SIGTERM');
    return this.end;
  }
}
