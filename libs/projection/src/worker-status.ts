import { SLICES, type RecordedEvent } from '#libs/event-store';
import type { Health, Logger } from '#libs/platform';
import { Fenced } from './leases/checkpoints.js';
import { LogEndsEarly } from './log-ends-early.js';
import type { ProjectionMetrics } from './metrics.js';
import type { Redriven } from './parking/redrive.js';
import type { Position } from './position.js';
import type { Stuck } from './sift.js';

/** What a worker tells the outside: readiness, figures, lines in the log. */
export class WorkerStatus {
  private isFailing = false;
  private parked = 0;
  /** When the oldest event known to be unhandled was recorded. */
  private behindSince: Date | undefined;

  constructor(
    private readonly projection: string,
    private readonly health: Health,
    private readonly metrics: ProjectionMetrics,
    private readonly logger: Logger,
    private readonly now: () => Date,
  ) {
    this.health.set(this.part, false, 'not subscribed yet');
    // Counters that are there from the beginning show that nothing has happened; those that are not show nothing.
    for (const counter of [
      metrics.fenced,
      metrics.failures,
      metrics.resubscriptions,
      metrics.applied,
      metrics.skipped,
    ]) {
      counter.inc({ projection }, 0);
    }
  }

  /** Only when it is known: a subscription that fails at the same place each time would look healthy in between. */
  goesWell(): void {
    this.isFailing = false;
    this.metrics.aheadOfLog.set(this.labels, 0);
    this.show();
  }

  disturbed(error: unknown): void {
    this.isFailing = true;
    const reason = error instanceof Error ? error.message : String(error);
    this.metrics.failures.inc(this.labels);
    if (error instanceof Fenced) this.metrics.fenced.inc(this.labels);
    if (error instanceof LogEndsEarly) this.metrics.aheadOfLog.set(this.labels, 1);
    this.health.set(this.part, false, reason);
    this.logger.warn(
      { err: error, projection: this.projection },
      `${reason}; subscribing again from the checkpoints`,
    );
  }

  subscribes(isFirst: boolean): void {
    if (!isFirst) this.metrics.resubscriptions.inc(this.labels);
  }

  holds(slices: readonly number[]): void {
    this.metrics.slices.set(this.labels, slices.length);
    for (const slice of ALL_SLICES) {
      const labels = { ...this.labels, slice };
      if (slices.includes(slice)) this.metrics.owned.set(labels, 1);
      else this.metrics.owned.remove(labels);
    }
    if (slices.length > 0) return;
    this.behind(undefined);
    this.waiting(0);
  }

  /** @param events of its slices that are not handled, as far as is known */
  waiting(events: number): void {
    this.metrics.lagEvents.set(this.labels, events);
  }

  received(events: number): void {
    this.metrics.read.inc(this.labels, events);
  }

  /** @param beganAt on the clock of `performance.now()` */
  committed(to: Position, applied: number, beganAt: number): void {
    this.metrics.batches.inc(this.labels);
    this.metrics.batchSeconds.observe(this.labels, (performance.now() - beganAt) / 1000);
    this.metrics.applied.inc(this.labels, applied);
    this.metrics.position.set(this.labels, Number(to.commit));
    this.goesWell();
  }

  /** @param since undefined when nothing waits */
  behind(since: Date | undefined): void {
    this.behindSince = since;
    this.tick();
  }

  /** Time goes by. */
  tick(): void {
    const since = this.behindSince?.getTime();
    this.metrics.lagSeconds.set(
      this.labels,
      since === undefined ? 0 : Math.max(0, this.now().getTime() - since) / 1000,
    );
  }

  parkedAccounts(count: number): void {
    this.parked = count;
    this.metrics.parked.set(this.labels, count);
    if (!this.isFailing) this.show();
  }

  parks({ accountId, error, events }: Stuck): void {
    const { id, metadata } = events[0]!;
    this.logger.error(
      { projection: this.projection, accountId, eventId: id, ...causeIn(metadata), reason: error },
      'an event cannot be handled: its account is parked, the others go on',
    );
  }

  redriven(accountId: string, { isFree, applied, skipped }: Redriven): void {
    this.metrics.applied.inc(this.labels, applied);
    if (skipped !== undefined) this.metrics.skipped.inc(this.labels);
    this.logger.warn(
      { projection: this.projection, accountId, applied, skipped: skipped && describe(skipped) },
      isFree ? 'the account is free again' : 'the account stays parked',
    );
  }

  private show(): void {
    if (this.parked === 0) this.health.set(this.part, true);
    else this.health.degrade(this.part, `accounts that wait for an operator: ${this.parked}`);
  }

  private get labels() {
    return { projection: this.projection };
  }

  private get part(): string {
    return `projection:${this.projection}`;
  }
}

/** The invitation and the command that a stored event belongs to, where it says so. */
function causeIn(metadata: unknown): { correlationId?: unknown; causationId?: unknown } {
  const { $correlationId: correlationId, $causationId: causationId } = (metadata ?? {}) as Record<
    string,
    unknown
  >;
  return { correlationId, causationId };
}

const ALL_SLICES = Array.from({ length: SLICES }, (_, slice) => slice);

const describe = ({ id, type, streamId, revision }: RecordedEvent) =>
  `${type} ${id}, ${revision}@${streamId}`;
