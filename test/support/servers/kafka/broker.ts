import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Options for a quick start: no second compiler, no parallel collector. */
const JVM = ['-Xms128m', '-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

/** A broker that has lost its quorum would wait for minutes. */
const STOP_DEADLINE_MS = 15_000;

/**
 * Java does not notice the death of its parent. So a reader beside it waits for the end of our pipe, and then ends the
 * process that the shell has become.
 */
const UNTIL_PARENT_IS_GONE =
  'exec 3<&0; { cat <&3; kill -KILL $$; } >/dev/null 2>&1 & exec "$@" 3<&- </dev/null';

/** One node of a local cluster: a Java process, its server.properties and log in `dir`. */
export class Broker {
  private readonly classpath: string;
  private readonly dir: string;
  private child: ChildProcess | undefined;

  // Node runs this file without compilation, so it has no parameter properties.
  constructor(classpath: string, dir: string) {
    this.classpath = classpath;
    this.dir = dir;
  }

  /** Formats the node's storage once, before its first start, with users who log in with SCRAM. */
  async format(clusterId: string, passwords: Readonly<Record<string, string>> = {}): Promise<void> {
    // An id that starts with a dash would be parsed as an option.
    const scram = Object.entries(passwords).flatMap(([user, password]) =>
      ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
        '--add-scram',
        `${mechanism}=[name=${user},password=${password}]`,
      ]),
    );
    const command = ['format', `--cluster-id=${clusterId}`, ...scram, '-c', this.properties];
    const args = ['kafka.tools.StorageTool', ...command];
    await promisify(execFile)('java', [...JVM, '-cp', this.classpath, ...args]);
  }

  start(): void {
    const log = openSync(this.logFile, 'a');
    const quiet = '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn';
    const java = ['java', ...JVM, quiet, '-cp', this.classpath, 'kafka.Kafka', this.properties];
    const child = spawn('sh', ['-c', UNTIL_PARENT_IS_GONE, 'sh', ...java], {
      stdio: ['pipe', log, log],
      // Outside the terminal's process group, because this process stops it on Ctrl-C.
      detached: true,
    });
    closeSync(log);
    child.once('exit', () => child.stdin!.destroy());
    this.child = child;
  }

  get isRunning(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** The end of its output. */
  lastWords(): string {
    return readFileSync(this.logFile, 'utf8').split('\n').slice(-30).join('\n');
  }

  /** Sends SIGKILL, to simulate a crash. */
  kill(): Promise<void> {
    return this.end('SIGKILL');
  }

  /** Sends SIGTERM: the node hands over its partitions and closes its files. Kills it after 15 s. */
  stop(): Promise<void> {
    return this.end('SIGTERM');
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    if (!this.isRunning) return;
    const child = this.child!;
    const exited = once(child, 'exit');
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
    await exited;
    clearTimeout(timer);
  }

  private get properties(): string {
    return join(this.dir, 'server.properties');
  }

  private get logFile(): string {
    return join(this.dir, 'server.log');
  }
}
