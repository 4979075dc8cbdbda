import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { minimalEnv } from './minimal-env.js';

const APPS = resolve(import.meta.dirname, '../../dist/apps');
const HOST = join(import.meta.dirname, 'tool-host.mjs');

/** The flags of the npm scripts. */
const FLAGS = ['--disable-warning=TimeoutNegativeWarning'];

/** The output and the exit code of a tool. */
export interface ToolResult {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface ToolOptions {
  /** Variables in addition to those that every process needs. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Marks the end of a part of the output. No tool prints it. */
const MARK = '\u0000end of the run\u0000';

/** The processes that run tools, by tool. They live as long as the worker of jest. */
const hosts = ((globalThis as { toolHosts?: Map<string, ToolHost> }).toolHosts ??= new Map<
  string,
  ToolHost
>());

/**
 * Runs a command-line tool of the build to its end. Runs of a tool that do not overlap share one process, which has
 * loaded the tool's modules.
 * @param main path below dist/apps
 */
export async function runTool(
  main: string,
  args: readonly string[],
  { env, cwd = process.cwd() }: ToolOptions,
): Promise<ToolResult> {
  let host = hosts.get(main);
  // With TEST_ISOLATED, each spec file has a realm of its own, in which its hosts would be forgotten.
  if (host?.isBusy === true || process.env['TEST_ISOLATED']) return startTool(main, args, { env, cwd }).ended;
  if (host === undefined || host.hasEnded) hosts.set(main, (host = new ToolHost(join(APPS, main))));
  return host.run(args, { ...minimalEnv(), ...env }, cwd);
}

/** Starts a tool as a process of its own, to which a test may send signals. */
export function startTool(
  main: string,
  args: readonly string[],
  { env, cwd }: ToolOptions,
): { readonly child: ChildProcess; readonly ended: Promise<ToolResult> } {
  const child = spawn(process.execPath, [...FLAGS, join(APPS, main), ...args], {
    cwd,
    env: { ...minimalEnv(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = collect(child);
  return { child, ended: once(child, 'close').then(([code]) => ({ code: code as number | null, ...said })) };
}

function collect(child: ChildProcess): { out: string; err: string } {
  const said = { out: '', err: '' };
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (said.out += text));
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (said.err += text));
  return said;
}

class ToolHost {
  isBusy = false;
  private readonly child: ChildProcess;
  private readonly closed: Promise<number | null>;
  private readonly said: { out: string; err: string };

  constructor(private readonly main: string) {
    this.child = fork(HOST, [], {
      env: minimalEnv(),
      execArgv: FLAGS,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.said = collect(this.child);
    this.closed = once(this.child, 'close').then(([code]) => code as number | null);
    this.keepRunning(false);
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  async run(args: readonly string[], env: Record<string, string>, cwd: string): Promise<ToolResult> {
    this.isBusy = true;
    this.keepRunning(true);
    try {
      Object.assign(this.said, { out: '', err: '' });
      const finished = once(this.child, 'message') as Promise<[{ code: number }]>;
      this.child.send({ main: this.main, args, env, cwd, mark: MARK });
      // A tool that ends its process also ends the host.
      const code = await Promise.race([finished.then(([result]) => result.code), this.closed]);
      await Promise.race([this.untilMarked(), this.closed]);
      const { out, err } = this.said;
      return { code, out: withoutMark(out), err: withoutMark(err) };
    } finally {
      this.isBusy = false;
      this.keepRunning(false);
    }
  }

  /** The two outputs and the message arrive independently. */
  private async untilMarked(): Promise<void> {
    const { stdout, stderr } = this.child;
    while (!this.said.out.endsWith(MARK)) await once(stdout!, 'data');
    while (!this.said.err.endsWith(MARK)) await once(stderr!, 'data');
  }

  /** An idle host does not keep the worker alive, and ends with it. */
  private keepRunning(isRunning: boolean): void {
    const change = isRunning ? 'ref' : 'unref';
    this.child[change]();
    this.child.channel?.[change]();
    for (const stream of [this.child.stdout, this.child.stderr])
      (stream as (Readable & { ref(): void; unref(): void }) | null)?.[change]();
  }
}

const withoutMark = (text: string) => (text.endsWith(MARK) ? text.slice(0, -MARK.length) : text);
