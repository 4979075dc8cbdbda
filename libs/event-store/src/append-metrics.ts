import { Counter, Histogram, type Registry } from 'prom-client';

/** The event store, as whoever appends to it finds it. One append has the events of several commands on an account. */
export class AppendMetrics {
  private readonly duration: Histogram;
  private readonly events: Counter;
  private readonly failures: Counter<'reason'>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.duration = new Histogram({
      name: 'invitations_event_store_append_seconds',
      help: 'Time until the event store has confirmed an append',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers,
    });
    this.events = new Counter({
      name: 'invitations_event_store_events_appended_total',
      help: 'Events in confirmed appends',
      registers,
    });
    this.failures = new Counter({
      name: 'invitations_event_store_append_failures_total',
      help: 'Attempts at appends that were not confirmed: the account had moved on, or there was no clear answer',
      labelNames: ['reason'],
      registers,
    });
    for (const reason of ['conflict', 'unclear']) this.failures.inc({ reason }, 0);
  }

  /** @param beganAt on the clock of `performance.now()` */
  appended(beganAt: number, events: number): void {
    this.duration.observe((performance.now() - beganAt) / 1000);
    this.events.inc(events);
  }

  failed(reason: 'conflict' | 'unclear'): void {
    this.failures.inc({ reason });
  }
}
