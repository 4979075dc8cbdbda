import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

const LABELS = ['projection'] as const;

/** What the projections of a process say of themselves. Labels are names of ours and slices, so there are few. */
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
    this.position = gauge('position', 'Commit position in $all of the last event that was handled');
    this.lagEvents = gauge(
      'lag_events',
      "Events of its slices that are not handled; beyond some hundreds, an estimate by the log's length",
    );
    this.lagSeconds = gauge('lag_seconds', 'Age of the oldest event known to be unhandled; 0 when caught up');
    this.slices = gauge('slices_owned', 'Slices that this process works on');
    this.owned = new Gauge({
      name: 'invitations_projection_slice_owned',
      help: 'A series for each slice, 0 to 63, that this process works on',
      labelNames: [...LABELS, 'slice'],
      registers: [registry],
    });
    this.parked = gauge('parked_accounts', 'Accounts of its slices that wait for an operator');
    this.aheadOfLog = gauge('ahead_of_log', '1 while the log ends before a checkpoint: it was restored');
    this.read = counter('events_read_total', 'Events that the subscription gave');
    this.applied = counter('events_applied_total', 'Events that were handled and counted in a checkpoint');
    this.batches = counter('batches_total', 'Batches committed');
    this.resubscriptions = counter('resubscriptions_total', 'Subscriptions begun after the first one');
    this.failures = counter(
      'failures_total',
      'Times that a worker was disturbed and began again from its checkpoints',
    );
    this.batchSeconds = new Histogram({
      name: 'invitations_projection_batch_seconds',
      help: 'Time to carry out a batch and commit it',
      labelNames: LABELS,
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers: [registry],
    });
    this.fenced = counter(
      'fenced_total',
      'Batches rolled back because another worker had taken or moved a slice',
    );
    this.skipped = counter(
      'skipped_total',
      'Events that an operator has skipped: rows lack them until a rebuild',
    );
  }
}
