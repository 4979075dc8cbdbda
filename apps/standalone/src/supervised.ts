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

  /** From now on its end is no accident: whoever signals a whole process group ends it without asking us. */
  expectEnd(): void {
    this.stopping.abort();
  }

  async stop(): Promise<void> {
    this.expectEnd();
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
      await this.relaunch(
        `${this.name} ended (${killedBy ?? `exit code ${code}`}); it is started again`,
        signal,
      );
    }
  }

  private async relaunch(reason: string, signal: AbortSignal): Promise<void> {
    for (let said = reason; ;) {
      await this.backoff.wait(signal);
      if (signal.aborted) return;
      this.say(said);
      try {
        const child = await this.launch();
        this.child = child;
        // Asked to stop while it was starting: nobody else knows of this one.
        if (signal.aborted) await child.stop();
        return;
      } catch (error) {
        said = `${this.name} does not start: ${error instanceof Error ? error.message : String(error)}; another try`;
      }
    }
  }
}
