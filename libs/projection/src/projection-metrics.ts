import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

const LABELS = ['projection'] as const;

/** Metrics of the projections of a process. The labels are projection names and slices, so there are few series. */
export class ProjectionMetrics {
  readonly position: Gauge<'projection'>;
  readonly lagEvents: Gauge<'projection'>;
  readonly lagSeconds: Gauge<'projection'>;
  readonly slices: Gauge<'projection'>;
  readonly owned: Gauge<'projection' | 'slice'>;
  readonly parked: Gauge<'projection'>;
  readonly aheadOfLog: Gauge<'projection'>;
  readonly read: Counter<'projection'>;
  readonly applied: Counter<'projection'>;
  readonly batches: Counter<'projection'>;
  readonly resubscriptions: Counter<'projection'>;
  readonly continuations: Counter<'projection'>;
  readonly fenced: Counter<'projection'>;
  readonly failures: Counter<'projection'>;
  readonly batchSeconds: Histogram<'projection'>;
  readonly skipped: Counter<'projection'>;

  constructor(registry: Registry) {
    const gauge = (name: string, help: string) =>
      new Gauge({ name: `invitations_projection_${name}`, help, labelNames: LABELS, registers: [registry] });
    const counter = (name: string, help: string) =>
      new Counter({
        name: `invitations_projection_${name}`,
        help,
        labelNames: LABELS,
        registers: [registry],
      });
    this.position = gauge('position', 'Commit position in $all of the last handled event');
    this.lagEvents = gauge(
      'lag_events',
      "Unhandled events of this process's slices; above a few hundred, an estimate from the length of the log",
    );
    this.lagSeconds = gauge('lag_seconds', 'Age of the oldest event known to be unhandled; 0 when caught up');
    this.slices = gauge('slices_owned', 'Slices that this process owns');
    this.owned = new Gauge({
      name: 'invitations_projection_slice_owned',
      help: 'One series, with the value 1, for each slice (0 to 63) that this process owns',
      labelNames: [...LABELS, 'slice'],
      registers: [registry],
    });
    this.parked = gauge('parked_accounts', "Parked accounts of this process's slices");
    this.aheadOfLog = gauge(
      'ahead_of_log',
      '1 while the log lacks the event of a checkpoint, because the event store was restored',
    );
    this.read = counter('events_read_total', 'Events that the subscription delivered');
    this.applied = counter(
      'events_applied_total',
      'Events that were applied and committed with their checkpoint',
    );
    this.batches = counter('batches_total', 'Batches committed');
    this.resubscriptions = counter('resubscriptions_total', 'Subscriptions after the first one');
    this.continuations = counter(
      'continuations_total',
      'Subscriptions that the event store ended after events, mostly because they were too slow, and that were continued',
    );
    this.failures = counter(
      'failures_total',
      'Errors after which a worker subscribed again from its checkpoints',
    );
    this.batchSeconds = new Histogram({
      name: 'invitations_projection_batch_seconds',
      help: 'Time to write a batch and commit it',
      labelNames: LABELS,
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers: [registry],
    });
    this.fenced = counter(
      'fenced_total',
      'Batches rolled back because another worker had taken over a slice',
    );
    this.skipped = counter(
      'skipped_total',
      'Events that an operator skipped: they are missing in the rows until a rebuild',
    );
  }
}
