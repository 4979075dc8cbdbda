import type { SendResult } from '#libs/mail';
import type { Claimed, Reason } from './delivery.js';
import type { Postponement } from './postpone.js';
import type { Settlement } from './settle.js';
import { waitMs, type DeliveryTimes } from './times.js';

/** What an attempt came to: the end of the delivery, or another attempt. */
export type Outcome = Settlement | Postponed;

export interface Postponed {
  readonly again: Postponement;
  readonly reason: Reason;
  /** There was no server: no other delivery would fare better now. */
  readonly unreachable?: true;
}

/** The other member is not known (yet): topics have no order between them. After a day it is no longer expected. */
export function waiting({ attempts }: Claimed, times: DeliveryTimes): Postponed {
  const inMs = waitMs(attempts, times.memberMs, times.longestMemberMs);
  const reason = 'MEMBER_UNKNOWN';
  return { reason, again: { ...again(reason, inMs, times), endsAs: 'suppressed' } };
}

export function later({ attempts }: Claimed, times: DeliveryTimes, reason: Reason, code?: number): Postponed {
  const inMs = waitMs(attempts, times.retryMs, times.longestRetryMs);
  return {
    reason,
    again: { ...again(reason, inMs, times), ...(code === undefined ? {} : { smtpCode: code }) },
  };
}

/** There is no server to ask. */
export function unreachable({ attempts }: Claimed, times: DeliveryTimes): Postponed {
  const inMs = waitMs(attempts, times.pauseMs, times.longestPauseMs);
  return { reason: 'UNREACHABLE', unreachable: true, again: again('UNREACHABLE', inMs, times) };
}

/** This instance stops before it was its turn: another may take it at once. */
export const givenBack = (times: DeliveryTimes): Postponed => ({
  reason: 'GIVEN_BACK',
  again: again('GIVEN_BACK', 0, times),
});

export function ofSend(
  result: SendResult,
  delivery: Claimed,
  times: DeliveryTimes,
  unclear: 'keep' | 'resend',
): Outcome {
  switch (result.outcome) {
    case 'sent':
      return { state: 'sent' };
    case 'refused': {
      const reason = result.noMailbox ? 'NO_MAILBOX' : 'REFUSED';
      return { state: 'failed', reason, smtpCode: result.code };
    }
    case 'later':
      return later(delivery, times, 'TRY_AGAIN_LATER', result.code);
    case 'withheld':
      return later(delivery, times, 'CLAIM_RAN_OUT');
    case 'unreachable':
      return unreachable(delivery, times);
    case 'unknown':
      break;
  }
  return unclear === 'resend'
    ? later(delivery, times, 'CONNECTION_LOST')
    : { state: 'unknown', reason: 'CONNECTION_LOST' };
}

/** Whether the outcome shows that there is a server; undefined where none was asked, or to no end. */
export function serverAnswered(outcome: Outcome): boolean | undefined {
  if (!('again' in outcome)) return outcome.state === 'suppressed' ? undefined : true;
  if (outcome.unreachable) return false;
  return outcome.reason === 'TRY_AGAIN_LATER' ? true : undefined;
}

const again = (reason: Reason, inMs: number, { giveUpMs }: DeliveryTimes): Postponement => ({
  reason,
  inMs,
  giveUpMs,
  endsAs: 'failed',
});
