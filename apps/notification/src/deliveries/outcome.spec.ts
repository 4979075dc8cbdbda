import { describe, expect, it } from '@jest/globals';
import type { SendResult } from '#libs/mail';
import type { Claimed } from './delivery.js';
import { ofSend, serverAnswered, waiting, type Outcome } from './outcome.js';
import { DELIVERY_TIMES } from './times.js';

const DELIVERY: Claimed = {
  eventId: '00000000-0000-4000-8000-000000000001',
  recipientId: 'bob',
  kind: 'invitation',
  aboutId: 'alice',
  invitationId: 'alice.00000000-0000-4000-8000-000000000002',
  happenedAt: '2026-01-01T00:00:00.000Z',
  content: {},
  claim: '00000000-0000-4000-8000-000000000003',
  attempts: 0,
};

const DAY = 86_400_000;

describe('what an attempt came to', () => {
  const of = (result: SendResult, unclear: 'keep' | 'resend' = 'keep'): Outcome =>
    ofSend(result, DELIVERY, DELIVERY_TIMES, unclear);

  it.each<[SendResult, Outcome, boolean | undefined]>([
    [{ outcome: 'sent' }, { state: 'sent' }, true],
    [{ outcome: 'refused', code: 550 }, { state: 'failed', reason: 'REFUSED', smtpCode: 550 }, true],
    [
      { outcome: 'refused', code: 550, noMailbox: true },
      { state: 'failed', reason: 'NO_MAILBOX', smtpCode: 550 },
      true,
    ],
    [{ outcome: 'unknown', reason: 'ECONNECTION' }, { state: 'unknown', reason: 'CONNECTION_LOST' }, true],
  ])('%j is the end', (result, outcome, answered) => {
    expect(of(result)).toEqual(outcome);
    expect(serverAnswered(outcome)).toBe(answered);
  });

  it.each<[SendResult, string, boolean | undefined]>([
    [{ outcome: 'later', code: 451, reason: 'EENVELOPE 451' }, 'TRY_AGAIN_LATER', true],
    [{ outcome: 'unreachable', reason: 'ESOCKET' }, 'UNREACHABLE', false],
    [{ outcome: 'withheld' }, 'CLAIM_RAN_OUT', undefined],
  ])('%j is tried again for a day', (result, reason, answered) => {
    const outcome = of(result);
    expect(outcome).toMatchObject({ reason, again: { reason, endsAs: 'failed', giveUpMs: DAY } });
    expect(serverAnswered(outcome)).toBe(answered);
  });

  it('an unknown outcome is left at that, unless losing an e-mail is worse than repeating one', () => {
    expect(of({ outcome: 'unknown', reason: 'ETIMEDOUT' }, 'resend')).toMatchObject({
      again: { reason: 'CONNECTION_LOST' },
    });
  });

  it('a member who is not known is awaited for a day', () => {
    const outcome = waiting(DELIVERY, DELIVERY_TIMES);
    expect(outcome.again).toMatchObject({ reason: 'MEMBER_UNKNOWN', endsAs: 'suppressed', giveUpMs: DAY });
    expect(serverAnswered(outcome)).toBeUndefined();
  });
});
