import { Backoff } from '#libs/platform';

/** A child process under supervision. */
export interface SupervisedChild {
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  stop(): Promise<void>;
}

/** A child that ran for longer than this starts with the shortest backoff again. In milliseconds. */
const STABLE_AFTER_MS = 30_000;

/** Keeps a child process alive: restarts it with backoff whenever it ends unexpectedly. */
export class SupervisedProcess<Started extends SupervisedChild> {
  private readonly stopping = new AbortController();
  private readonly backoff = new Backoff(200, 10_000);
  private child: Started | undefined;
  private watching: Promise<void> | undefined;

  constructor(
    readonly name: string,
    private readonly launch: () => Promise<Started>,
    private readonly print: (line: string) => void,
  ) {}

  /** @throws when the first start fails; it is not retried */
  async start(): Promise<Started> {
    const child = await this.launch();
    this.child = child;
    this.watching = this.watch();
    return child;
  }

  /** From now on the child's exit is expected: Ctrl-C signals the whole process group, children included. */
  expectExit(): void {
    this.stopping.abort();
  }

  async stop(): Promise<void> {
    this.expectExit();
    await this.child?.stop();
    await this.watching;
  }

  private async watch(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const since = Date.now();
      const { code, signal: killedBy } = await this.child!.exited;
      if (signal.aborted) return;
      if (Date.now() - since > STABLE_AFTER_MS) this.backoff.reset();
      await this.relaunch(`${this.name} ended (${killedBy ?? `exit code ${code}`}); restarting it`, signal);
    }
  }

  private async relaunch(reason: string, signal: AbortSignal): Promise<void> {
    for (let message = reason; ;) {
      await this.backoff.wait(signal);
      if (signal.aborted) return;
      this.print(message);
      try {
        const child = await this.launch();
        this.child = child;
        // `stop` was called while it was starting, and does not know of this child.
        if (signal.aborted) await child.stop();
        return;
      } catch (error) {
        message = `${this.name} does not start: ${error instanceof Error ? error.message : String(error)}; retrying`;
      }
    }
  }
}
