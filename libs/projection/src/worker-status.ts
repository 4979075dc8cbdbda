import { SLICES, type RawEvent } from '#libs/event-store';
import type { Health, Logger } from '#libs/platform';
import type { FailedAccount } from './event-failure.js';
import { FencedError } from './leases/fencing.js';
import { LogReplacedError } from './event-log.js';
import type { LogPosition } from '#libs/event-store/read-only';
import type { RetryResult } from './parking/parked-actions.js';
import type { ProjectionMetrics } from './projection-metrics.js';

/** Receives the reason whenever the log is not the one that the checkpoints are of, and withdraws it after a good check. */
interface LogReports {
  report(reason: string): unknown;
  withdraw(): unknown;
}

/** Reports a worker's state to operators: readiness, metrics and log lines. */
export class WorkerStatus {
  private isFailing = false;
  private parked = 0;
  /** When the oldest event known to be unhandled was recorded. */
  private oldestUnhandledAt: Date | undefined;

  constructor(
    private readonly projection: string,
    private readonly health: Health,
    private readonly metrics: ProjectionMetrics,
    private readonly logger: Logger,
    private readonly now: () => Date,
    private readonly logReports?: LogReports,
  ) {
    this.health.set(this.component, false, 'not subscribed yet');
    // A counter that starts at 0 shows that nothing has happened; a missing counter shows nothing.
    for (const counter of [
      metrics.fenced,
      metrics.failures,
      metrics.resubscriptions,
      metrics.continuations,
      metrics.applied,
      metrics.skipped,
    ]) {
      counter.inc({ projection }, 0);
    }
  }

  /**
   * Called after a commit or a successful check, not after subscribing: a worker that fails at the same event each time
   * would look healthy in between.
   */
  markHealthy(): void {
    this.isFailing = false;
    this.metrics.aheadOfLog.set(this.labels, 0);
    this.logReports?.withdraw();
    this.reportHealth();
  }

  onError(error: unknown): void {
    this.isFailing = true;
    const reason = error instanceof Error ? error.message : String(error);
    this.metrics.failures.inc(this.labels);
    if (error instanceof FencedError) this.metrics.fenced.inc(this.labels);
    if (error instanceof LogReplacedError) {
      this.metrics.aheadOfLog.set(this.labels, 1);
      this.logReports?.report(reason);
    }
    this.health.set(this.component, false, reason);
    this.logger.warn(
      { err: error, projection: this.projection },
      `${reason}; subscribing again from the checkpoints`,
    );
  }

  onSubscribe(isFirst: boolean): void {
    if (!isFirst) this.metrics.resubscriptions.inc(this.labels);
  }

  /** The event store ended a subscription after events, mostly because it was too slow, and another one continues. */
  onSubscriptionContinued(): void {
    this.metrics.continuations.inc(this.labels);
  }

  setOwnedSlices(slices: readonly number[]): void {
    this.metrics.slices.set(this.labels, slices.length);
    for (const slice of ALL_SLICES) {
      const labels = { ...this.labels, slice };
      if (slices.includes(slice)) this.metrics.owned.set(labels, 1);
      else this.metrics.owned.remove(labels);
    }
    if (slices.length > 0) return;
    this.setOldestUnhandled(undefined);
    this.setLagEvents(0);
  }

  /** @param events of its slices that are not handled, as far as is known */
  setLagEvents(events: number): void {
    this.metrics.lagEvents.set(this.labels, events);
  }

  onEventsRead(events: number): void {
    this.metrics.read.inc(this.labels, events);
  }

  /** @param startedAt when the batch was started, by `performance.now()` */
  onCommitted(to: LogPosition, applied: number, startedAt: number): void {
    this.metrics.batches.inc(this.labels);
    this.metrics.batchSeconds.observe(this.labels, (performance.now() - startedAt) / 1000);
    this.metrics.applied.inc(this.labels, applied);
    this.metrics.position.set(this.labels, Number(to.commit));
    this.markHealthy();
  }

  /** @param recordedAt when the oldest unhandled event was recorded; undefined if all events are handled */
  setOldestUnhandled(recordedAt: Date | undefined): void {
    this.oldestUnhandledAt = recordedAt;
    this.refreshLagAge();
  }

  /** Sets the lag in seconds by the present time. */
  refreshLagAge(): void {
    const since = this.oldestUnhandledAt?.getTime();
    this.metrics.lagSeconds.set(
      this.labels,
      since === undefined ? 0 : Math.max(0, this.now().getTime() - since) / 1000,
    );
  }

  setParkedAccounts(count: number): void {
    this.parked = count;
    this.metrics.parked.set(this.labels, count);
    if (!this.isFailing) this.reportHealth();
  }

  onParked({ accountId, error, events }: FailedAccount): void {
    const { id, metadata } = events[0]!;
    this.logger.error(
      { projection: this.projection, accountId, eventId: id, ...causeIn(metadata), reason: error },
      'an event cannot be handled: its account is parked until an operator retries or skips it; other accounts continue',
    );
  }

  onRetried(accountId: string, { isUnparked, applied, skipped }: RetryResult): void {
    this.metrics.applied.inc(this.labels, applied);
    if (skipped !== undefined) this.metrics.skipped.inc(this.labels);
    this.logger.warn(
      { projection: this.projection, accountId, applied, skipped: skipped && describeEvent(skipped) },
      isUnparked ? 'the account is no longer parked' : 'the account stays parked: an event failed again',
    );
  }

  private reportHealth(): void {
    if (this.parked === 0) this.health.set(this.component, true);
    else this.health.degrade(this.component, `accounts that wait for an operator: ${this.parked}`);
  }

  private get labels() {
    return { projection: this.projection };
  }

  private get component(): string {
    return `projection:${this.projection}`;
  }
}

/** The correlation and causation ids in a stored event's metadata, if it has any. */
function causeIn(metadata: unknown): { correlationId?: unknown; causationId?: unknown } {
  const { $correlationId: correlationId, $causationId: causationId } = (metadata ?? {}) as Record<
    string,
    unknown
  >;
  return { correlationId, causationId };
}

const ALL_SLICES = Array.from({ length: SLICES }, (_, slice) => slice);

const describeEvent = ({ id, type, streamId, revision }: RawEvent) =>
  `${type} ${id}, ${revision}@${streamId}`;
