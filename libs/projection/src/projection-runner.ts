import { Backoff, type Health, type Logger } from '#libs/platform';
import { microBatches } from './micro-batches.js';
import type { Position } from './position.js';

/** An event and its place in $all. */
export interface Placed<Event> {
  readonly event: Event;
  readonly position: Position;
}

/** Events after a position, for ever; ends when the signal aborts, and ends or throws when the connection is lost. */
export type Source<Event> = (
  after: Position | undefined,
  signal: AbortSignal,
) => AsyncIterable<Placed<Event>>;

/** What a worker makes of a batch. */
export interface Sink<Event> {
  position(): Promise<Position | undefined>;
  /**
   * Applies the batch and moves the checkpoint from `from` to `to`: together, or the effect first.
   * @throws when nothing of it may count
   */
  apply(events: readonly Event[], from: Position | undefined, to: Position): Promise<void>;
}

const BATCH_EVENTS = 500;
const BATCH_MS = 20;

/** A subscription that has stood for this long is taken for a good one when no event has come on it, in milliseconds. */
const STEADY_MS = 1_000;

/**
 * A worker: subscribes behind its checkpoint, applies batches, and starts again from the stored checkpoint after any
 * error and after the subscription's silent end (the client's `for await` just stops when a server closes it).
 */
export class ProjectionRunner<Event> {
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;
  private failing = false;

  constructor(
    readonly name: string,
    private readonly source: Source<Event>,
    private readonly sink: Sink<Event>,
    private readonly health: Health,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.health.set(this.part, false, 'not subscribed yet');
    this.running = this.run();
  }

  /** Finishes the batch under way. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private get part(): string {
    return `projection:${this.name}`;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    const backoff = new Backoff();
    while (!signal.aborted) {
      try {
        await this.follow(backoff);
        if (!signal.aborted) this.disturbed('the event store ended the subscription', undefined);
      } catch (error) {
        if (!signal.aborted) this.disturbed(error instanceof Error ? error.message : String(error), error);
      }
      if (!signal.aborted) await backoff.wait(signal);
    }
  }

  private async follow(backoff: Backoff): Promise<void> {
    const { signal } = this.stopping;
    const start = await this.sink.position();
    const open = (closing: AbortSignal) => this.source(start, AbortSignal.any([signal, closing]));
    if (!this.failing) this.health.set(this.part, true);
    const steady = setTimeout(() => this.goesWell(backoff), STEADY_MS);
    try {
      let from = start;
      for await (const batch of microBatches(open, BATCH_EVENTS, BATCH_MS)) {
        clearTimeout(steady);
        if (signal.aborted) return;
        const to = batch.at(-1)!.position;
        await this.sink.apply(
          batch.map(({ event }) => event),
          from,
          to,
        );
        from = to;
        this.goesWell(backoff);
      }
    } finally {
      clearTimeout(steady);
    }
  }

  /** Only now: a subscription that fails at the same event each time would look healthy in between. */
  private goesWell(backoff: Backoff): void {
    backoff.reset();
    this.failing = false;
    this.health.set(this.part, true);
  }

  private disturbed(reason: string, error: unknown): void {
    this.failing = true;
    this.health.set(this.part, false, reason);
    this.logger.warn(
      { err: error, projection: this.name },
      `${reason}; subscribing again from the checkpoint`,
    );
  }
}
