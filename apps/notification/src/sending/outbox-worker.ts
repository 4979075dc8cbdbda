import { Inject, Injectable } from '@nestjs/common';
import { findRestoredLogReport } from '#libs/command-outcomes';
import { Backoff, Health, type Logger, type Pool } from '#libs/platform';
import { LOGGER, POOL } from '#libs/service';
import type { ClaimedDelivery } from '../outbox/delivery.js';
import {
  claimDueDeliveries,
  deleteOldContent,
  expireTransfers,
  renewClaims,
} from '../outbox/outbox.table.js';
import { makeDueForAllMembers } from '../outbox/reschedule.table.js';
import type { SendContext } from '../outbox/suppression.query.js';
import { AsyncSignal } from './concurrency.js';
import { DeliveryMetrics } from './delivery-metrics.js';
import type { DeliveryOutcome } from './delivery-outcome.js';
import { DELIVERY_SETTINGS, MailDelivery, type MailDeliverySettings } from './mail-delivery.js';
import { deleteOldRefusals, makeReturnedDue } from './refusals.table.js';
import { SmtpCircuitBreaker } from './smtp-circuit-breaker.js';

/** The names of the worker and of the event store's log in the readiness report. */
const COMPONENT = 'sender';
const LOG = 'event-store:log';

/**
 * Claimed deliveries for each connection. Those that are not being sent wait for a connection, or for their outcome to be
 * recorded: so statements cover many deliveries, and connections do not wait for the database.
 */
const CLAIMS_PER_CONNECTION = 8;

/** How often the reports about the log are read, in milliseconds. */
const LOG_CHECK_MS = 1_000;

/**
 * Claims due deliveries from the outbox and sends them, beside any number of other workers. It keeps in memory only what it
 * has claimed, so an outage of the SMTP server costs neither memory nor messages.
 */
@Injectable()
export class OutboxWorker {
  private readonly inProgress = new Map<ClaimedDelivery, Promise<void>>();
  private readonly workSignal = new AsyncSignal();
  private readonly capacitySignal = new AsyncSignal();
  private readonly stopped = new AbortController();
  private readonly circuit: SmtpCircuitBreaker;
  private loop: Promise<void> = Promise.resolve();
  private renewal: NodeJS.Timeout | undefined;
  /** When these were done last, on the clock of `performance.now()`. */
  private maintainedAtMs = Number.NEGATIVE_INFINITY;
  private logCheckedAtMs = Number.NEGATIVE_INFINITY;
  private mayTrustLog = true;

  constructor(
    @Inject(POOL) private readonly pool: Pool,
    @Inject(MailDelivery)
    private readonly mailDelivery: Pick<MailDelivery, 'readContext' | 'deliver' | 'stop' | 'refusesAll'>,
    @Inject(DELIVERY_SETTINGS)
    private readonly settings: Pick<MailDeliverySettings, 'connections' | 'unclear' | 'timings'>,
    private readonly metrics: DeliveryMetrics,
    private readonly health: Health,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.circuit = new SmtpCircuitBreaker(settings.timings, logger);
  }

  start(): void {
    this.health.set(COMPONENT, true);
    this.loop = this.run();
    this.renewal = setInterval(() => void this.renewClaims(), this.settings.timings.claimMs / 4);
  }

  /** Tells the worker that deliveries may be due: it does not wait for its next poll. */
  notify(): void {
    this.workSignal.notify();
  }

  /** Claims nothing more, and waits for the deliveries in progress. */
  async stop(): Promise<void> {
    this.stopped.abort();
    this.mailDelivery.stop();
    this.workSignal.notify();
    await this.loop;
    await Promise.all(this.inProgress.values());
    clearInterval(this.renewal);
  }

  private async run(): Promise<void> {
    const outage = new Backoff();
    let isFirst = true;
    while (!this.stopped.signal.aborted) {
      try {
        if (isFirst) await makeDueForAllMembers(this.pool);
        isFirst = false;
        await this.runOnce();
        outage.reset();
        this.health.set(COMPONENT, true, this.circuit.trouble);
      } catch (error) {
        this.health.set(COMPONENT, false, 'the outbox cannot be read');
        this.logger.error({ err: error }, 'failed to read the outbox; trying again');
        await outage.wait(this.stopped.signal);
      }
    }
  }

  private async runOnce(): Promise<void> {
    const { connections, timings } = this.settings;
    await this.maintain();
    await this.checkLog();
    if (!this.mayTrustLog) return this.workSignal.wait(LOG_CHECK_MS);
    const limit = connections * CLAIMS_PER_CONNECTION;
    const room = limit - this.inProgress.size;
    // While the circuit is open, one more delivery tests the server after each pause.
    const isTest = !this.circuit.isClosed;
    const free = isTest ? Math.min(1, room) : room;
    const claimed = free > 0 ? await claimDueDeliveries(this.pool, free, timings.claimMs, isTest) : [];
    const context = claimed.length > 0 ? this.mailDelivery.readContext(claimed) : undefined;
    for (const delivery of claimed) this.begin(delivery, context);
    if (claimed.length < free) await this.workSignal.wait(timings.pollMs);
    else if (this.circuit.isClosed)
      while (this.inProgress.size > limit / 2) await this.capacitySignal.wait(timings.pollMs);
    if (!this.circuit.isClosed) await this.awaitProbes();
  }

  /**
   * Waits until the server can be tried again. A delivery that the server leaves without a reply holds up no other: it may be
   * about its recipient.
   */
  private async awaitProbes(): Promise<void> {
    const pause = this.circuit.pause(this.stopped.signal);
    await Promise.race([Promise.all(this.inProgress.values()), pause]);
    if (!this.circuit.isClosed) await pause;
  }

  /**
   * This app sees no event store. While another app reports that it was restored to an earlier moment, an e-mail could be about an
   * invitation that is gone, and is kept.
   */
  private async checkLog(): Promise<void> {
    if (performance.now() - this.logCheckedAtMs < LOG_CHECK_MS) return;
    const found = await findRestoredLogReport(this.pool);
    this.logCheckedAtMs = performance.now();
    const detail =
      found &&
      `the event store was restored to an earlier moment, ${found.reporter} reports: no e-mail is sent. Follow the runbook "A server ` +
        'lost data or was restored"; sending goes on by itself when the log is accepted';
    this.health.set(LOG, found === undefined, detail);
    if (found !== undefined && this.mayTrustLog) this.logger.error({ reason: found.reason }, detail);
    if (found === undefined && !this.mayTrustLog)
      this.logger.info('the log is accepted: e-mails are sent again');
    this.mayTrustLog = found === undefined;
  }

  private begin(delivery: ClaimedDelivery, context: Promise<SendContext> | undefined): void {
    const work = this.mailDelivery.deliver(delivery, context).then(
      (outcome) => {
        this.metrics.recordOutcome(delivery, outcome);
        this.updateCircuit(outcome);
        // The profile may have arrived while the delivery was being rescheduled.
        if (outcome.reason === 'MEMBER_UNKNOWN') this.workSignal.notify();
      },
      (error: unknown) =>
        this.logger.error(
          { err: error, eventId: delivery.eventId },
          'failed to record the outcome of a delivery; its claim expires',
        ),
    );
    this.inProgress.set(
      delivery,
      work.finally(() => {
        this.inProgress.delete(delivery);
        this.capacitySignal.notify();
      }),
    );
  }

  private updateCircuit(outcome: DeliveryOutcome): void {
    const { refusesAll } = this.mailDelivery;
    const hasChanged = refusesAll !== this.circuit.refusesAll;
    this.circuit.refusesAll = refusesAll;
    this.circuit.onOutcome(outcome);
    if (!hasChanged) return;
    this.metrics.setCircuit(refusesAll);
    if (refusesAll) return;
    makeReturnedDue(this.pool).then(
      () => this.workSignal.notify(),
      (error: unknown) =>
        this.logger.warn(
          { err: error },
          'failed to make the e-mails due that waited for the SMTP server; they are sent at their next attempt',
        ),
    );
  }

  private async renewClaims(): Promise<void> {
    try {
      await renewClaims(this.pool, [...this.inProgress.keys()], this.settings.timings.claimMs);
    } catch (error) {
      this.logger.warn({ err: error }, 'failed to renew claims; trying again before they expire');
    }
  }

  /** Ends expired transfers and deletes old data, at most once in each polling interval. */
  private async maintain(): Promise<void> {
    if (performance.now() - this.maintainedAtMs < this.settings.timings.pollMs) return;
    this.maintainedAtMs = performance.now();
    const count = await expireTransfers(this.pool, this.settings.unclear);
    await deleteOldContent(this.pool);
    await deleteOldRefusals(this.pool);
    if (count > 0) {
      this.logger.warn(
        { count, policy: this.settings.unclear },
        'transfers ended without a result: their process died while it was sending',
      );
    }
  }
}
