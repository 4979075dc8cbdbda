import { describe, expect, it } from '@jest/globals';
import type { SendResult } from '#libs/mail';
import type { ClaimedDelivery } from '../outbox/delivery.js';
import {
  AWAITS_MEMBERS,
  DEFAULT_TIMINGS,
  didReachServer,
  outcomeOfSend,
  retryDelayMs,
  retryWhenCircuitCloses,
  type DeliveryOutcome,
} from './delivery-outcome.js';

const DELIVERY: ClaimedDelivery = {
  eventId: '00000000-0000-4000-8000-000000000001',
  recipientId: 'bob',
  kind: 'invitation',
  aboutId: 'alice',
  invitationId: 'alice.00000000-0000-4000-8000-000000000002',
  happenedAt: '2026-01-01T00:00:00.000Z',
  content: {},
  claim: '00000000-0000-4000-8000-000000000003',
  attempts: 0,
  reason: null,
  deferredUntil: null,
};

const DAY = 86_400_000;

describe('outcomeOfSend', () => {
  const outcomeOf = (result: SendResult, unclear: 'keep' | 'resend' = 'keep'): DeliveryOutcome =>
    outcomeOfSend(result, DELIVERY, DEFAULT_TIMINGS, unclear);

  it.each<[SendResult, DeliveryOutcome, boolean | undefined]>([
    [{ outcome: 'sent' }, { state: 'sent' }, true],
    [{ outcome: 'refused', code: 550 }, { state: 'failed', reason: 'REFUSED', smtpCode: 550 }, true],
    [
      { outcome: 'refused', code: 550, isHardBounce: true },
      { state: 'failed', reason: 'NO_MAILBOX', smtpCode: 550 },
      true,
    ],
    [{ outcome: 'unknown', reason: 'ECONNECTION' }, { state: 'unknown', reason: 'CONNECTION_LOST' }, true],
  ])('ends the delivery after %j', (result, outcome, reached) => {
    expect(outcomeOf(result)).toEqual(outcome);
    expect(didReachServer(outcome)).toBe(reached);
  });

  it.each<[SendResult, string, boolean | undefined]>([
    [{ outcome: 'later', code: 451, reason: 'EENVELOPE 451' }, 'TRY_AGAIN_LATER', true],
    [{ outcome: 'withheld' }, 'CLAIM_RAN_OUT', undefined],
  ])('tries again for a day after %j', (result, reason, reached) => {
    const outcome = outcomeOf(result);
    expect(outcome).toMatchObject({ reason, retry: { reason, giveUpMs: DAY } });
    expect(didReachServer(outcome)).toBe(reached);
  });

  it('tries again until the event is too old while no server is reached, or it refuses every address (D21)', () => {
    const unreachable = outcomeOf({ outcome: 'unreachable', reason: 'ESOCKET' });
    const refusing = retryWhenCircuitCloses(DELIVERY, DEFAULT_TIMINGS, 550);
    const inMs: unknown = expect.any(Number);
    expect(unreachable).toMatchObject({ retry: { reason: 'UNREACHABLE', inMs } });
    expect(refusing).toMatchObject({ retry: { reason: 'CIRCUIT_OPEN', inMs, smtpCode: 550 } });
    for (const outcome of [unreachable, refusing]) expect(outcome).not.toHaveProperty('retry.giveUpMs');
    expect([unreachable, refusing].map(didReachServer)).toEqual([false, true]);
  });

  it('tries again after an unknown outcome with UNCLEAR_DELIVERY=resend', () => {
    expect(outcomeOf({ outcome: 'unknown', reason: 'ETIMEDOUT' }, 'resend')).toMatchObject({
      retry: { reason: 'CONNECTION_LOST' },
    });
  });
});

describe('didReachServer', () => {
  it('tells nothing about the server while a delivery waits for a member', () => {
    expect(didReachServer(AWAITS_MEMBERS)).toBeUndefined();
  });
});

describe('retryDelayMs', () => {
  it('doubles up to the longest delay', () => {
    const delays = [0, 1, 2, 3, 1_000].map((attempts) => retryDelayMs(attempts, 100, 500, () => 1));
    expect(delays).toEqual([100, 200, 400, 500, 500]);
  });

  it('is at least half of the delay without jitter', () => {
    expect(retryDelayMs(1, 100, 500, () => 0)).toBe(100);
  });
});
