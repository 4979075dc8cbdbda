import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { createLogger, type Pool } from '#libs/platform';
import { DeliveryMetrics } from './delivery-metrics.js';

const figuresAfter = async (record: (metrics: DeliveryMetrics, happenedAt: string) => void) => {
  const registry = new Registry();
  const rows = [{ waiting: 0, forProfiles: 0, due: 0, oldest: 0, unknown: 0 }];
  const pool = { query: async () => ({ rows }) } as unknown as Pool;
  const metrics = new DeliveryMetrics(registry, pool, createLogger('test', 'silent'));
  record(metrics, new Date(Date.now() - 90_000).toISOString());
  return registry.metrics();
};
const NAME = 'notification_event_to_mail_seconds';

describe('DeliveryMetrics', () => {
  it('measures an e-mail that was sent from its event', async () => {
    const figures = await figuresAfter((metrics, happenedAt) =>
      metrics.recordOutcome({ kind: 'reply', happenedAt, reason: 'TRY_AGAIN_LATER' }, { state: 'sent' }),
    );
    expect(figures).toContain(`${NAME}_count 1`);
    expect(figures).toContain(`${NAME}_bucket{le="60"} 0`);
    expect(figures).toContain(`${NAME}_bucket{le="300"} 1`);
  });

  it.each(['TOO_SOON', 'MEMBER_UNKNOWN'] as const)(
    'does not call an e-mail slow that had to wait: %s (D15, D13)',
    async (reason) => {
      const figures = await figuresAfter((metrics, happenedAt) =>
        metrics.recordOutcome({ kind: 'invitation', happenedAt, reason }, { state: 'sent' }),
      );
      expect(figures).toContain(`${NAME}_count 0`);
    },
  );

  it('measures no e-mail that was not sent', async () => {
    const figures = await figuresAfter((metrics, happenedAt) =>
      metrics.recordOutcome(
        { kind: 'reply', happenedAt, reason: null },
        { state: 'failed', reason: 'REFUSED' },
      ),
    );
    expect(figures).toContain(`${NAME}_count 0`);
  });
});
