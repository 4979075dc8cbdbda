import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { createLogger, type Pool } from '#libs/platform';
import { DeliveryMetrics } from './delivery-metrics.js';

const figuresAfter = async (record: (metrics: DeliveryMetrics, happenedAt: string) => void) => {
  const registry = new Registry();
  const rows = [{ waiting: 0, forProfiles: 0, heldBack: 0, due: 0, oldest: 0, unknown: 0 }];
  const pool = { query: async () => ({ rows }) } as unknown as Pool;
  const metrics = new DeliveryMetrics(registry, pool, createLogger('test', 'silent'));
  record(metrics, new Date(Date.now() - 90_000).toISOString());
  return registry.metrics();
};
const NAME = 'notification_event_to_mail_seconds';

describe('DeliveryMetrics', () => {
  it('measures an e-mail that was sent from its event', async () => {
    const figures = await figuresAfter((metrics, happenedAt) =>
      metrics.recordOutcome(
        { kind: 'reply', happenedAt, reason: 'TRY_AGAIN_LATER', deferredUntil: null },
        { state: 'sent' },
      ),
    );
    expect(figures).toContain(`${NAME}_count 1`);
    expect(figures).toContain(`${NAME}_bucket{le="60"} 0`);
    expect(figures).toContain(`${NAME}_bucket{le="300"} 1`);
  });

  it.each([
    ['TOO_SOON', '2026-01-05T09:00:00.000Z'],
    ['UNREACHABLE', '2026-01-05T09:00:00.000Z'],
    ['MEMBER_UNKNOWN', null],
  ] as const)(
    'does not call an e-mail slow that had to wait: %s, held back until %s (D15, D13)',
    async (reason, deferredUntil) => {
      const figures = await figuresAfter((metrics, happenedAt) =>
        metrics.recordOutcome({ kind: 'invitation', happenedAt, reason, deferredUntil }, { state: 'sent' }),
      );
      expect(figures).toContain(`${NAME}_count 0`);
    },
  );

  it('measures no e-mail that was not sent', async () => {
    const figures = await figuresAfter((metrics, happenedAt) =>
      metrics.recordOutcome(
        { kind: 'reply', happenedAt, reason: null, deferredUntil: null },
        { state: 'failed', reason: 'REFUSED' },
      ),
    );
    expect(figures).toContain(`${NAME}_count 0`);
  });
});
