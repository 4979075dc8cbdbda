import { Counter, Gauge, type Registry } from 'prom-client';
import type { Logger, Pool } from '#libs/platform';
import type { Delivery } from './delivery.js';
import type { Outcome } from './outcome.js';

/** Numbers for operators; none of them reaches a member (R29). */
export class DeliveryMetrics {
  private readonly outcomes: Counter<'kind' | 'state' | 'reason'>;

  constructor(registry: Registry, pool: Pool, logger: Logger) {
    this.outcomes = new Counter({
      name: 'notification_deliveries_total',
      help: 'Attempts at e-mails, by what they came to; state "queued" is tried again',
      labelNames: ['kind', 'state', 'reason'],
      registers: [registry],
    });
    const oldest = new Gauge({
      name: 'notification_oldest_due_seconds',
      help: 'How long the delivery that is due for the longest has waited',
      registers: [registry],
    });
    const oldestWaiting = new Gauge({
      name: 'notification_oldest_waiting_seconds',
      help: 'How long ago the event of the oldest delivery that is not settled came',
      registers: [registry],
    });
    const unknown = new Gauge({
      name: 'notification_unknown',
      help: 'Deliveries of unknown outcome: accepted by the server or not',
      registers: [registry],
    });
    const waiting = new Gauge({
      name: 'notification_waiting',
      help: 'Deliveries that are not settled',
      registers: [registry],
      async collect() {
        try {
          const { rows } = await pool.query<Record<'waiting' | 'due' | 'oldest' | 'unknown', number>>(
            `SELECT count(*)::integer AS waiting,
               COALESCE(extract(epoch FROM now() - min(due_at)), 0)::float8 AS due,
               COALESCE(extract(epoch FROM now() - min(created_at)), 0)::float8 AS oldest,
               (SELECT count(*)::integer FROM notification.deliveries WHERE state = 'unknown') AS unknown
             FROM notification.deliveries WHERE state IN ('queued', 'sending')`,
          );
          const counted = rows[0]!;
          this.set(counted.waiting);
          oldest.set(Math.max(0, counted.due));
          oldestWaiting.set(Math.max(0, counted.oldest));
          unknown.set(counted.unknown);
        } catch (error) {
          logger.warn({ err: error }, 'the ledger could not be counted');
        }
      },
    });
    waiting.set(0);
  }

  count(kind: Delivery['kind'], outcome: Outcome): void {
    const state = 'again' in outcome ? 'queued' : outcome.state;
    this.outcomes.inc({ kind, state, reason: outcome.reason ?? '' });
  }
}
