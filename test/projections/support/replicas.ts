import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ProjectionWorld } from '../../integration/support/projection-world.js';

const MAIN = fileURLToPath(new URL('./replica.process.ts', import.meta.url));

/** Replicas as processes, which run what was built. */
export class Replicas {
  readonly running: Replica[] = [];
  private count = 0;

  constructor(
    private readonly world: ProjectionWorld,
    private readonly projections: readonly string[],
  ) {}

  start(): Replica {
    this.count += 1;
    const { world, projections } = this;
    const name = `process-${this.count}`;
    const { eventStore, databaseUrl: postgres } = world;
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

  /** A replica that ended by itself is a fault that the test is to notice. */
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

  /** In the middle of its next transaction. */
  pauseInTransaction(): void {
    this.child.send('pause');
  }

  pause(): void {
    this.child.kill('SIGSTOP');
  }

  goOn(): void {
    this.child.kill('SIGCONT');
  }

  /** Nothing more happens to it. */
  calm(): void {
    this.child.send('calm');
    this.goOn();
  }

  async kill(): Promise<void> {
    if (this.hasEnded) return;
    const exit = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exit;
  }
}
