import { Backoff } from '#libs/platform';

/** A child process as the supervisor sees it. */
export interface Child {
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  stop(): Promise<void>;
}

/** How long a child must live for its next death to count as a first one, in milliseconds. */
const SETTLED_MS = 30_000;

/** Keeps one child process alive: restarts it with backoff whenever it ends without being asked to. */
export class Supervised<Started extends Child> {
  private readonly stopping = new AbortController();
  private readonly backoff = new Backoff(200, 10_000);
  private child: Started | undefined;
  private watching: Promise<void> | undefined;

  constructor(
    readonly name: string,
    private readonly launch: () => Promise<Started>,
    private readonly say: (line: string) => void,
  ) {}

  /** @throws when the very first start fails: then there is nothing to keep alive */
  async start(): Promise<Started> {
    const child = await this.launch();
    this.child = child;
    this.watching = this.watch();
    return child;
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.child?.stop();
    await this.watching;
  }

  private async watch(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const since = Date.now();
      const { code, signal: killedBy } = await this.child!.exited;
      if (signal.aborted) return;
      if (Date.now() - since > SETTLED_MS) this.backoff.reset();
      this.say(`${this.name} ended (${killedBy ?? `exit code ${code}`}); it is started again`);
      await this.relaunch(signal);
    }
  }

  private async relaunch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.backoff.wait(signal);
      if (signal.aborted) return;
      try {
        const child = await this.launch();
        this.child = child;
        // Asked to stop while it was starting: nobody else knows of this one.
        if (signal.aborted) await child.stop();
        return;
      } catch (error) {
        this.say(`${this.name} does not start: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
}
