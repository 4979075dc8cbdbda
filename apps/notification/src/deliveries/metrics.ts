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
    const waiting = new Gauge({
      name: 'notification_waiting',
      help: 'Deliveries that are not settled',
      registers: [registry],
      async collect() {
        try {
          const { rows } = await pool.query<{ waiting: number; oldest: number | null }>(
            `SELECT count(*)::integer AS waiting, extract(epoch FROM now() - min(due_at))::float8 AS oldest
             FROM notification.deliveries WHERE state IN ('queued', 'sending')`,
          );
          this.set(rows[0]?.waiting ?? 0);
          oldest.set(Math.max(0, rows[0]?.oldest ?? 0));
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
