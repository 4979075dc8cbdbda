import type { OutgoingMail, SmtpSender } from '#libs/mail';
import { Backoff, type Logger, type Pool } from '#libs/platform';
import type { EmailLinks } from '../emails/email-links.js';
import { renderMail, type SenderSettings } from '../emails/render-mail.js';
import { deferDelivery, rescheduleForMembers } from '../outbox/reschedule.table.js';
import type { ClaimedDelivery, MailLimits } from '../outbox/delivery.js';
import {
  markSending,
  pairKey,
  recordFinalOutcomes,
  reschedule,
  type FinishedDelivery,
  type MarkResult,
} from '../outbox/delivery-state.table.js';
import { readSendContext, type SendContext, type SuppressionReason } from '../outbox/suppression.query.js';
import { Batcher, Semaphore } from './concurrency.js';
import { sendWithSpan } from './delivery-metrics.js';
import {
  AWAITS_MEMBERS,
  defer,
  outcomeOfRefusal,
  outcomeOfSend,
  releaseOnStop,
  retryLater,
  retryWhenCircuitCloses,
  retryWhenReachable,
  retryWhileOthersAreTaken,
  type DeliveryOutcome,
  type DeliveryTimings,
} from './delivery-outcome.js';
import { HungDomains } from './hung-domains.js';
import { recordBounced } from './refusals.table.js';
import { RefusalCircuitBreaker } from './smtp-circuit-breaker.js';

export interface MailDeliverySettings {
  readonly sender: SenderSettings;
  readonly links: EmailLinks;
  readonly limits: MailLimits;
  /** E-mails that are given to the server at the same time. */
  readonly connections: number;
  readonly unclear: 'keep' | 'resend';
  readonly timings: DeliveryTimings;
}

export const DELIVERY_SETTINGS = Symbol('delivery settings');

/** Attempts to record an outcome. If it cannot be recorded, the delivery becomes one of unknown outcome. */
const RECORD_ATTEMPTS = 6;

/**
 * Attempts one claimed delivery:
 * 1. checks the members and the reasons to suppress it;
 * 2. waits for a connection, and checks again if that took long;
 * 3. renders the e-mail and opens the transfer;
 * 4. marks the row as sending when the server asks for the text;
 * 5. records the outcome.
 */
export class MailDelivery {
  private readonly connections: Semaphore;
  private readonly markSending: Batcher<ClaimedDelivery, MarkResult>;
  private readonly recordFinal: Batcher<FinishedDelivery, boolean>;
  private readonly rescheduleForMembers: Batcher<ClaimedDelivery, string | undefined>;
  private readonly refusalCircuit: RefusalCircuitBreaker;
  private readonly hungDomains = new HungDomains();
  /** When the server was last found to be unreachable, on the clock of `performance.now()`. */
  private unreachableAtMs = Number.NEGATIVE_INFINITY;
  /** When the server last took an e-mail, on the same clock. */
  private takenAtMs = Number.NEGATIVE_INFINITY;
  private isStopping = false;

  constructor(
    private readonly pool: Pool,
    private readonly smtp: Pick<SmtpSender, 'send'>,
    private readonly settings: MailDeliverySettings,
    private readonly logger: Logger,
  ) {
    const { connections, timings, limits } = settings;
    this.connections = new Semaphore(connections);
    this.markSending = new Batcher(
      (deliveries) => markSending(pool, deliveries, timings.claimMs, limits),
      (delivery) => (delivery.kind === 'invitation' ? pairKey(delivery) : undefined),
    );
    this.refusalCircuit = new RefusalCircuitBreaker(pool, logger);
    this.recordFinal = new Batcher((finished) => recordFinalOutcomes(pool, finished));
    this.rescheduleForMembers = new Batcher((deliveries) =>
      rescheduleForMembers(pool, deliveries, timings.giveUpMs, limits.maxAgeMs),
    );
  }

  /** Deliveries that wait for a connection go back into the queue. */
  stop(): void {
    this.isStopping = true;
  }

  /** Whether the server refuses address after address. */
  get refusesAll(): boolean {
    return this.refusalCircuit.isOpen;
  }

  /** Reads one context for several deliveries. */
  readContext(deliveries: readonly ClaimedDelivery[]): Promise<SendContext> {
    return readSendContext(this.pool, deliveries, this.settings.limits);
  }

  /** @throws the error of the database; the claim then expires */
  async deliver(
    delivery: ClaimedDelivery,
    context: Promise<SendContext> = this.readContext([delivery]),
  ): Promise<DeliveryOutcome> {
    const outcome = await this.attempt(delivery, await context);
    const state = await this.record(delivery, outcome);
    const { eventId, recipientId, kind, invitationId: correlationId } = delivery;
    this.logger.info(
      { eventId, correlationId, causationId: eventId, recipientId, kind, state, reason: outcome.reason },
      'delivery',
    );
    return outcome;
  }

  private async attempt(delivery: ClaimedDelivery, context: SendContext): Promise<DeliveryOutcome> {
    const { timings } = this.settings;
    // An outcome that needs no server does not wait for a connection.
    const early = this.outcomeWithoutServer(delivery, context);
    if (early !== undefined) return early;
    const queuedAtMs = performance.now();
    return this.connections.run(async () => {
      if (this.isStopping) return releaseOnStop(timings);
      if (this.unreachableAtMs > queuedAtMs) return retryWhenReachable(delivery, timings);
      if (this.refusalCircuit.openedAtMs > queuedAtMs) return retryWhenCircuitCloses(delivery, timings);
      const isOld = performance.now() - context.readAtMs > timings.contextMaxAgeMs;
      const latest = isOld ? await this.readContext([delivery]) : context;
      return this.outcomeWithoutServer(delivery, latest) ?? this.send(delivery, latest);
    });
  }

  /** The outcome of a delivery that is not to be sent now; undefined where it is. */
  private outcomeWithoutServer(
    delivery: ClaimedDelivery,
    { members, suppressionOf, opennessOf }: SendContext,
  ): DeliveryOutcome | undefined {
    const reason = suppressionOf(delivery);
    if (reason !== undefined) return this.withhold(delivery, reason);
    // An invitation may have been withdrawn while its e-mail was held back (D15).
    if (delivery.deferredUntil !== null) {
      const openness = opennessOf(delivery);
      if (openness === 'closed') return { state: 'suppressed', reason: 'NOT_OPEN' };
      if (openness === undefined) return defer('NOT_OPEN', this.settings.timings);
    }
    const areKnown = members.has(delivery.recipientId) && members.has(delivery.aboutId);
    return areKnown ? undefined : AWAITS_MEMBERS;
  }

  /** The outcome of a delivery that has a reason not to be sent, or not to be sent yet (D15). */
  private withhold(delivery: ClaimedDelivery, reason: SuppressionReason): DeliveryOutcome {
    if (reason === 'TOO_SOON' && delivery.kind === 'invitation') return defer(reason, this.settings.timings);
    return { state: 'suppressed', reason };
  }

  private async send(delivery: ClaimedDelivery, context: SendContext): Promise<DeliveryOutcome> {
    const { timings, unclear, links, sender } = this.settings;
    const recipient = context.members.get(delivery.recipientId)!;
    const about = context.members.get(delivery.aboutId)!;
    if (!this.hungDomains.admits(recipient.email)) return retryWhileOthersAreTaken(delivery, timings);
    const firstMail = context.firstMailOf(delivery);
    let mail: OutgoingMail;
    try {
      mail = await renderMail({ db: this.pool, delivery, recipient, about, links, firstMail }, sender);
    } catch (error) {
      this.logger.error(
        { err: error, eventId: delivery.eventId },
        'failed to render an e-mail; it is tried again',
      );
      return retryLater(delivery, timings, 'NOT_PREPARED');
    }
    let marked: MarkResult | undefined;
    const startedAtMs = performance.now();
    const result = await sendWithSpan(delivery, () =>
      this.smtp.send(mail, async () => {
        marked = await this.markSending.submit(delivery);
        return marked === 'marked';
      }),
    );
    // A server that has taken another e-mail meanwhile can be reached.
    const isAlone = result.outcome === 'unreachable' && this.takenAtMs > startedAtMs;
    if (isAlone) this.hungDomains.recordFailure(recipient.email, startedAtMs);
    else if (result.outcome === 'unreachable') this.unreachableAtMs = performance.now();
    else if (result.outcome !== 'unknown') this.hungDomains.recordReply(recipient.email);
    if ('reason' in result) {
      // The reason is an error code and the server's number: the text of the reply may hold the address.
      const { outcome, reason } = result;
      const { eventId, invitationId: correlationId } = delivery;
      this.logger.warn({ eventId, correlationId, outcome, reason }, 'an e-mail was not confirmed as taken');
    }
    if (
      result.outcome === 'withheld' &&
      marked !== undefined &&
      marked !== 'marked' &&
      marked !== 'claim lost'
    ) {
      return this.withhold(delivery, marked);
    }
    if (result.outcome === 'sent') {
      this.takenAtMs = performance.now();
      await this.refusalCircuit.onSent();
    }
    // Code 0: the e-mail was never offered to a server, so the refusal says nothing about the server.
    if (result.outcome === 'refused' && result.code !== 0) {
      const mailbox = result.isHardBounce
        ? 'missing'
        : result.mayBeHardBounce
          ? 'may be missing'
          : 'not meant';
      const refusal = { delivery, address: mail.to, code: result.code, mailbox } as const;
      const recorded = await this.retryRecording(() => this.refusalCircuit.onRefused(refusal));
      if (recorded === 'open') return retryWhenCircuitCloses(delivery, timings, result.code);
      return { ...outcomeOfRefusal(result), isRecorded: recorded === 'recorded' };
    }
    return isAlone
      ? retryWhileOthersAreTaken(delivery, timings)
      : outcomeOfSend(result, delivery, timings, unclear);
  }

  /** @returns the state of the row now; undefined where another process has claimed the delivery since */
  private record(delivery: ClaimedDelivery, outcome: DeliveryOutcome): Promise<string | undefined> {
    return this.retryRecording(async () => {
      if ('retry' in outcome) return reschedule(this.pool, delivery, outcome.retry);
      if ('recheckMs' in outcome) {
        const { invitationIntervalMs: intervalMs } = this.settings.limits;
        return deferDelivery(this.pool, delivery, outcome.reason, {
          intervalMs,
          recheckMs: outcome.recheckMs,
        });
      }
      if (!('state' in outcome)) return this.rescheduleForMembers.submit(delivery);
      if (outcome.isRecorded !== undefined) return outcome.isRecorded ? outcome.state : undefined;
      if (outcome.reason === 'ADDRESS_BOUNCED' && this.refusalCircuit.mayHaveStreak) {
        return (await recordBounced(this.pool, delivery)) ? outcome.state : undefined;
      }
      return (await this.recordFinal.submit({ delivery, outcome })) ? outcome.state : undefined;
    });
  }

  private async retryRecording<T>(write: () => Promise<T>): Promise<T> {
    const backoff = new Backoff(100, 5_000);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await write();
      } catch (error) {
        if (attempt === RECORD_ATTEMPTS) throw error;
        await backoff.wait();
      }
    }
  }
}
