import { Counter, Histogram, type Registry } from 'prom-client';

const MINUTE = 60;
const HOUR = 60 * MINUTE;

export class ReminderMetrics {
  readonly asked: Counter<'attempt'>;
  readonly lateSeconds: Histogram;

  constructor(registry: Registry) {
    this.asked = new Counter({
      name: 'invitations_reminders_asked_total',
      help: 'Commands remind that were published, for the first time or once more because nothing had come of one',
      labelNames: ['attempt'],
      registers: [registry],
    });
    for (const attempt of ['first', 'again']) this.asked.inc({ attempt }, 0);
    this.lateSeconds = new Histogram({
      name: 'invitations_reminders_late_seconds',
      help: 'How long after a reminder was due it was asked for first',
      buckets: [1, 2, 5, 15, MINUTE, 5 * MINUTE, HOUR, 6 * HOUR, 24 * HOUR, 48 * HOUR],
      registers: [registry],
    });
  }
}
