import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ProjectionHarness } from '../../support/projection-harness.js';

const MAIN = fileURLToPath(new URL('./replica.process.ts', import.meta.url));

/** Replicas as processes of their own. */
export class Replicas {
  readonly running: Replica[] = [];
  private count = 0;

  constructor(
    private readonly harness: ProjectionHarness,
    private readonly projections: readonly string[],
  ) {}

  start(): Replica {
    this.count += 1;
    const { harness, projections } = this;
    const name = `process-${this.count}`;
    const { eventStore, databaseUrl: postgres } = harness;
    const settings = { eventStore: eventStore.url, postgres, replica: name, projections };
    const { NODE_OPTIONS: _options, ...env } = process.env;
    const flags = ['--disable-warning=ExperimentalWarning', '--disable-warning=TimeoutNegativeWarning'];
    const replica = new Replica(name, fork(MAIN, [JSON.stringify(settings)], { execArgv: flags, env }));
    this.running.push(replica);
    return replica;
  }

  async kill(replica: Replica): Promise<void> {
    this.running.splice(this.running.indexOf(replica), 1);
    await replica.kill();
  }

  /** @throws if a replica has ended without being killed */
  assertRunning(): void {
    const ended = this.running.find((replica) => replica.hasEnded);
    if (ended !== undefined) throw new Error(`${ended.name} has ended by itself`);
  }

  async killAll(): Promise<void> {
    await Promise.all(this.running.splice(0).map((replica) => replica.kill()));
  }
}

export class Replica {
  constructor(
    readonly name: string,
    private readonly child: ChildProcess,
  ) {}

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Pauses the replica within its next transaction. */
  pauseInTransaction(): void {
    this.child.send('pause');
  }

  pause(): void {
    this.child.kill('SIGSTOP');
  }

  resume(): void {
    this.child.kill('SIGCONT');
  }

  /** Cancels a pause that was requested, and resumes the replica. */
  cancelPause(): void {
    this.child.send('run');
    this.resume();
  }

  async kill(): Promise<void> {
    if (this.hasEnded) return;
    const exit = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exit;
  }
}
