import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { until } from './until.js';

const DIST = resolve(import.meta.dirname, '../../dist');

/** How a process ended. */
export interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** An app as a deployment runs it, and what it has said. */
export class App {
  readonly log: string[] = [];
  /** Undefined while it runs. */
  ended: End | undefined;
  readonly exited: Promise<End>;

  private constructor(
    readonly name: string,
    private readonly child: ChildProcess,
  ) {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => this.log.push(text));
    }
    // It does not outlive a test run that fails before its end.
    const kill = () => child.kill('SIGKILL');
    process.once('exit', kill);
    this.exited = once(child, 'exit').then(([code, signal]) => {
      process.off('exit', kill);
      this.ended = { code: code as number | null, signal: signal as NodeJS.Signals | null };
      return this.ended;
    });
  }

  static start(name: string, env: Record<string, string>): App {
    const main = join(DIST, `apps/${name}/src/main.js`);
    const { NODE_OPTIONS: _options, NODE_ENV: _env, ...own } = process.env;
    const child = spawn(process.execPath, ['--disable-warning=TimeoutNegativeWarning', main], {
      env: { ...own, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new App(name, child);
  }

  async ready(url: string): Promise<void> {
    const answers = () =>
      fetch(`${url}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      );
    const failed = () => `${this.name} is not ready:\n${this.log.join('')}`;
    await until(async () => this.ended !== undefined || (await answers()), 80_000, failed);
    if (this.ended !== undefined) throw new Error(failed());
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async stop(): Promise<void> {
    this.signal('SIGTERM');
    await this.exited;
  }
}
