import { Backoff, type Health, type Logger, type Pool } from '#libs/platform';
import { dropOldTexts, settleAbandoned } from './abandoned.js';
import { claimDue } from './claim-due.js';
import type { Deliverer } from './deliverer.js';
import type { Claimed } from './delivery.js';
import type { Look } from './look.js';
import type { DeliveryMetrics } from './metrics.js';
import { renewClaims } from './renew-claims.js';
import { SmtpReach } from './smtp-reach.js';
import type { DeliveryTimes } from './times.js';
import { Wake } from './wake.js';

export interface SenderSettings {
  /** E-mails that the server is given at a time. */
  readonly connections: number;
  readonly unclear: 'keep' | 'resend';
  readonly times: DeliveryTimes;
}

const PART = 'sender';

/**
 * Claimed deliveries for each connection: what is not under way waits its turn, or for its result to be written, so that
 * the database is asked for many at a time and the connections do not wait for it.
 */
const AHEAD = 8;

/**
 * Works off the ledger, beside any number of others. It holds only what is under way: the queue is in the database, so
 * an outage of the SMTP server costs neither memory nor messages.
 */
export class Sender {
  private readonly underWay = new Map<Claimed, Promise<void>>();
  private readonly wake = new Wake();
  private readonly room = new Wake();
  private readonly stopped = new AbortController();
  private readonly reach: SmtpReach;
  private running: Promise<void> = Promise.resolve();
  private renewing: NodeJS.Timeout | undefined;
  private sweptAt = 0;

  constructor(
    private readonly pool: Pool,
    private readonly deliverer: Pick<Deliverer, 'look' | 'deliver' | 'stop'>,
    private readonly settings: SenderSettings,
    private readonly metrics: DeliveryMetrics,
    private readonly health: Health,
    private readonly logger: Logger,
  ) {
    this.reach = new SmtpReach(settings.times, logger);
  }

  start(): void {
    this.health.set(PART, true);
    this.running = this.run();
    this.renewing = setInterval(() => void this.renew(), this.settings.times.claimMs / 4);
  }

  /** There may be something to send: no need to wait for the next look. */
  nudge(): void {
    this.wake.now();
  }

  /** Begins nothing more, and waits for what is under way. */
  async stop(): Promise<void> {
    this.stopped.abort();
    this.deliverer.stop();
    this.wake.now();
    await this.running;
    await Promise.all(this.underWay.values());
    clearInterval(this.renewing);
  }

  private async run(): Promise<void> {
    const outage = new Backoff();
    while (!this.stopped.signal.aborted) {
      try {
        await this.round();
        outage.reset();
        this.health.set(
          PART,
          true,
          this.reach.reachable ? undefined : 'no SMTP server: e-mails wait in the ledger',
        );
      } catch (error) {
        this.health.set(PART, false, 'the ledger cannot be read');
        this.logger.error({ err: error }, 'the ledger cannot be read, trying again');
        await outage.wait(this.stopped.signal);
      }
    }
  }

  private async round(): Promise<void> {
    const { connections, times } = this.settings;
    await this.sweep();
    // While there is no server, one delivery at a time asks whether it is back.
    const most = this.reach.reachable ? connections * AHEAD : 1;
    const free = most - this.underWay.size;
    const claimed = free > 0 ? await claimDue(this.pool, free, times.claimMs) : [];
    const look = claimed.length > 0 ? this.deliverer.look(claimed) : undefined;
    for (const delivery of claimed) this.begin(delivery, look);
    if (claimed.length < free) await this.wake.sleep(times.pollMs);
    else while (this.underWay.size > most / 2) await this.room.sleep(times.pollMs);
    if (!this.reach.reachable) {
      await Promise.all(this.underWay.values());
      if (!this.reach.reachable) await this.reach.pause(this.stopped.signal);
    }
  }

  private begin(delivery: Claimed, look: Promise<Look> | undefined): void {
    const work = this.deliverer.deliver(delivery, look).then(
      (outcome) => {
        this.metrics.count(delivery.kind, outcome);
        this.reach.learnFrom(outcome);
        // The member may have become known while the delivery was on its way back into the queue.
        if (outcome.reason === 'MEMBER_UNKNOWN') this.wake.now();
      },
      (error: unknown) =>
        this.logger.error({ err: error, eventId: delivery.eventId }, 'a delivery could not be written down'),
    );
    this.underWay.set(
      delivery,
      work.finally(() => {
        this.underWay.delete(delivery);
        this.room.now();
      }),
    );
  }

  private async renew(): Promise<void> {
    try {
      await renewClaims(this.pool, [...this.underWay.keys()], this.settings.times.claimMs);
    } catch (error) {
      this.logger.warn({ err: error }, 'claims could not be renewed');
    }
  }

  private async sweep(): Promise<void> {
    if (Date.now() - this.sweptAt < this.settings.times.pollMs) return;
    this.sweptAt = Date.now();
    const count = await settleAbandoned(this.pool, this.settings.unclear);
    await dropOldTexts(this.pool);
    if (count > 0)
      this.logger.warn({ count, policy: this.settings.unclear }, 'deliveries of unknown outcome');
  }
}
