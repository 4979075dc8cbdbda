import type { SendResult } from '#libs/mail';
import type { DeferralReason } from '../outbox/reschedule.table.js';
import type { ClaimedDelivery, DeliveryReason } from '../outbox/delivery.js';
import type { FinalOutcome, Retry } from '../outbox/delivery-state.table.js';

/** How long the steps of a delivery take, in milliseconds. */
export interface DeliveryTimings {
  /** A claim expires after this time unless it is renewed: then its process counts as dead. */
  readonly claimMs: number;
  /** Between two queries of the outbox while nobody notifies the worker. */
  readonly pollMs: number;
  /** After this time in the queue for a connection, the send context is read again. */
  readonly contextMaxAgeMs: number;
  /** First and longest wait after a 4xx of the server. Waits double from one to the other. */
  readonly retryMs: number;
  readonly longestRetryMs: number;
  /** First and longest wait while no server can be reached, for the worker and for a single delivery. */
  readonly unreachableMs: number;
  readonly longestUnreachableMs: number;
  /** First and longest wait of a delivery while the server refuses every address. */
  readonly refusedMs: number;
  readonly longestRefusedMs: number;
  /** From the arrival of the event: then the worker gives up on a 4xx, and on a member without a profile. */
  readonly giveUpMs: number;
}

export const DEFAULT_TIMINGS: DeliveryTimings = {
  claimMs: 10_000,
  pollMs: 1_000,
  contextMaxAgeMs: 1_000,
  retryMs: 15_000,
  longestRetryMs: 30 * 60_000,
  unreachableMs: 500,
  longestUnreachableMs: 10_000,
  refusedMs: 1_000,
  longestRefusedMs: 5 * 60_000,
  giveUpMs: 24 * 60 * 60_000,
};

/**
 * Milliseconds until the next attempt: doubles with each attempt up to `longestMs`. Jitter takes away up to half of it, so
 * that deliveries that failed together are not tried again together.
 */
export const retryDelayMs = (
  attempts: number,
  firstMs: number,
  longestMs: number,
  random = Math.random,
): number => Math.min(longestMs, firstMs * 2 ** Math.min(attempts, 30)) * (0.5 + random() / 2);

/** The outcome of one attempt at a delivery. */
export type DeliveryOutcome = AttemptedFinalOutcome | Rescheduled | AwaitsMembers | Deferred;

export interface AttemptedFinalOutcome extends FinalOutcome {
  /**
   * Whether the outbox already holds the outcome; absent: it is still to be recorded. False: another process has claimed the
   * delivery since.
   */
  readonly isRecorded?: boolean;
}

export interface Rescheduled {
  readonly retry: Retry;
  readonly reason: DeliveryReason;
  /** No server could be reached: no other delivery would fare better now. */
  readonly isUnreachable?: true;
}

/** One of the two members has no profile yet. */
export interface AwaitsMembers {
  readonly reason: 'MEMBER_UNKNOWN';
}

/** An invitation e-mail is held back (D15). */
export interface Deferred {
  readonly reason: DeferralReason;
  /** When it is looked at again, if nothing says how long it must wait; in milliseconds. */
  readonly recheckMs: number;
}

/**
 * Holds back an invitation e-mail. While the lists do not show the invitation, which may be for good, it is looked for again
 * until the event is too old (D21).
 */
export const defer = (reason: DeferralReason, timings: DeliveryTimings): Deferred => ({
  reason,
  recheckMs: reason === 'TOO_SOON' ? timings.retryMs : timings.longestRetryMs,
});

export const AWAITS_MEMBERS: AwaitsMembers = { reason: 'MEMBER_UNKNOWN' };

/** Tries again with growing waits, and gives up after `giveUpMs`. */
export function retryLater(
  { attempts }: ClaimedDelivery,
  { retryMs, longestRetryMs, giveUpMs }: DeliveryTimings,
  reason: DeliveryReason,
  smtpCode?: number,
): Rescheduled {
  const inMs = retryDelayMs(attempts, retryMs, longestRetryMs);
  return { reason, retry: { reason, inMs, giveUpMs, ...(smtpCode === undefined ? {} : { smtpCode }) } };
}

/** No server can be reached: tries again until one can, or until the event is too old (D21). */
export function retryWhenReachable({ attempts }: ClaimedDelivery, timings: DeliveryTimings): Rescheduled {
  const inMs = retryDelayMs(attempts, timings.unreachableMs, timings.longestUnreachableMs);
  const reason = 'UNREACHABLE';
  return { reason, isUnreachable: true, retry: { reason, inMs } };
}

/**
 * The connection fails with this e-mail, or the server does not reply, while it takes others: it may be about the recipient. Tries
 * again with waits that grow beyond those of an outage, or until the event is too old (D21).
 */
export function retryWhileOthersAreTaken(
  { attempts }: ClaimedDelivery,
  { unreachableMs, longestRetryMs }: DeliveryTimings,
): Rescheduled {
  const reason = 'TRY_AGAIN_LATER';
  return { reason, retry: { reason, inMs: retryDelayMs(attempts, unreachableMs, longestRetryMs) } };
}

/** The server refuses every address: tries again until it accepts others, or until the event is too old (D21). */
export function retryWhenCircuitCloses(
  { attempts }: ClaimedDelivery,
  timings: DeliveryTimings,
  smtpCode?: number,
): Rescheduled {
  const inMs = retryDelayMs(attempts, timings.refusedMs, timings.longestRefusedMs);
  const reason = 'CIRCUIT_OPEN';
  return { reason, retry: { reason, inMs, ...(smtpCode === undefined ? {} : { smtpCode }) } };
}

/** This process stops before the delivery's turn: another process may claim it at once. */
export function releaseOnStop({ giveUpMs }: DeliveryTimings): Rescheduled {
  const reason = 'GIVEN_BACK';
  return { reason, retry: { reason, inMs: 0, giveUpMs } };
}

/** @param unclear whether an e-mail that the server may or may not have taken is kept as `unknown` or sent again */
export function outcomeOfSend(
  result: SendResult,
  delivery: ClaimedDelivery,
  timings: DeliveryTimings,
  unclear: 'keep' | 'resend',
): DeliveryOutcome {
  switch (result.outcome) {
    case 'sent':
      return { state: 'sent' };
    case 'refused':
      return outcomeOfRefusal(result);
    case 'later':
      return retryLater(delivery, timings, 'TRY_AGAIN_LATER', result.code);
    case 'withheld':
      return retryLater(delivery, timings, 'CLAIM_RAN_OUT');
    case 'unreachable':
      return retryWhenReachable(delivery, timings);
    case 'unknown':
      break;
  }
  return unclear === 'resend'
    ? retryLater(delivery, timings, 'CONNECTION_LOST')
    : { state: 'unknown', reason: 'CONNECTION_LOST' };
}

/** The server will never take this e-mail. */
export function outcomeOfRefusal(result: Extract<SendResult, { outcome: 'refused' }>): FinalOutcome {
  // The e-mail was never offered to the server, so there is no code.
  if (result.needsSmtpUtf8) return { state: 'failed', reason: 'NO_SMTPUTF8' };
  return { state: 'failed', reason: result.isHardBounce ? 'NO_MAILBOX' : 'REFUSED', smtpCode: result.code };
}

/** Whether the attempt reached a server; undefined where it did not try, or where the outcome does not tell. */
export function didReachServer(outcome: DeliveryOutcome): boolean | undefined {
  if ('state' in outcome) return outcome.state === 'suppressed' ? undefined : true;
  if (!('retry' in outcome)) return undefined;
  if (outcome.isUnreachable) return false;
  return outcome.reason === 'TRY_AGAIN_LATER' || outcome.reason === 'CIRCUIT_OPEN' ? true : undefined;
}
