import { Backoff, type Logger, type Pool } from '#libs/platform';
import { didReachServer, type DeliveryOutcome, type DeliveryTimings } from './delivery-outcome.js';
import {
  endStreak,
  MAX_CONSECUTIVE_REFUSALS,
  recordRefusal,
  recordRefusalWhileOpen,
  type Refusal,
} from './refusals.table.js';

/**
 * Opens when the server refuses address after address. While it is open, e-mails wait and refusals have no effect on their
 * addresses. The first e-mail that the server takes closes it.
 */
export class RefusalCircuitBreaker {
  /** When it opened, on the clock of `performance.now()`; -Infinity while it is closed. */
  openedAtMs = Number.NEGATIVE_INFINITY;
  /** Whether the table may hold a streak of refusals, of this process, another, or an earlier one. */
  mayHaveStreak = true;
  private previous: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly pool: Pool,
    private readonly logger: Logger,
  ) {}

  get isOpen(): boolean {
    return this.openedAtMs > Number.NEGATIVE_INFINITY;
  }

  /**
   * Records refusals one after the other: those that were in progress when the circuit opened do not start another streak.
   * @returns `open`: the delivery is not recorded and must wait
   */
  onRefused(refusal: Refusal): Promise<'open' | 'recorded' | 'claim lost'> {
    const recorded = this.previous.then(() => this.record(refusal));
    this.previous = recorded.catch(() => undefined);
    return recorded;
  }

  private async record(refusal: Refusal): Promise<'open' | 'recorded' | 'claim lost'> {
    this.mayHaveStreak = true;
    if (this.isOpen) {
      await recordRefusalWhileOpen(this.pool, refusal);
      return 'open';
    }
    const recorded = await recordRefusal(this.pool, refusal);
    if (recorded !== 'too many') return recorded;
    if (!this.isOpen) {
      this.openedAtMs = performance.now();
      this.logger.error(
        { addresses: MAX_CONSECUTIVE_REFUSALS, smtpCode: refusal.code },
        'the SMTP server has refused this many addresses in a row: no address is suppressed, and e-mails wait ' +
          'until it takes one. Ask the owner of the server why it refuses us',
      );
    }
    return 'open';
  }

  /** The server has taken an e-mail. */
  async onSent(): Promise<void> {
    if (this.isOpen) this.logger.info('the SMTP server takes e-mails again');
    this.openedAtMs = Number.NEGATIVE_INFINITY;
    if (!this.mayHaveStreak) return;
    this.mayHaveStreak = false;
    try {
      await endStreak(this.pool);
    } catch (error) {
      // The next e-mail tries again. The outcome of this one must be recorded in any case.
      this.mayHaveStreak = true;
      this.logger.warn(
        { err: error },
        'failed to end the streak of refusals, though the SMTP server takes e-mails; the next e-mail tries again',
      );
    }
  }
}

/** Closed while the last attempts found an SMTP server that takes e-mails. While it is open, single e-mails test it. */
export class SmtpCircuitBreaker {
  /** The refusal circuit is open: the server refuses every address. */
  refusesAll = false;
  private isReachable = true;
  private readonly backoff: Backoff;

  constructor(
    { unreachableMs, longestUnreachableMs }: DeliveryTimings,
    private readonly logger: Logger,
  ) {
    this.backoff = new Backoff(unreachableMs, longestUnreachableMs);
  }

  get isClosed(): boolean {
    return this.isReachable && !this.refusesAll;
  }

  /** What is wrong, for the readiness check; undefined while it is closed. */
  get trouble(): string | undefined {
    if (!this.isReachable) return 'no SMTP server can be reached: e-mails wait in the outbox';
    return this.refusesAll ? 'the SMTP server refuses every address: e-mails wait in the outbox' : undefined;
  }

  onOutcome(outcome: DeliveryOutcome): void {
    const isReachable = didReachServer(outcome);
    if (isReachable === undefined) return;
    if (isReachable && !this.refusesAll) this.backoff.reset();
    if (isReachable === this.isReachable) return;
    this.isReachable = isReachable;
    if (isReachable) this.logger.info('the SMTP server can be reached again');
    else this.logger.warn('no SMTP server can be reached: e-mails wait in the outbox');
  }

  /** Waits before the server is tried again. */
  pause(signal: AbortSignal): Promise<void> {
    return this.backoff.wait(signal);
  }
}
