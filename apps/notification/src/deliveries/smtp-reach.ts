import { Backoff, type Logger } from '#libs/platform';
import { serverAnswered, type Outcome } from './outcome.js';
import type { DeliveryTimes } from './times.js';

/** Whether there is an SMTP server, as far as the last attempts tell. */
export class SmtpReach {
  reachable = true;
  private readonly backoff: Backoff;

  constructor(
    times: DeliveryTimes,
    private readonly logger: Logger,
  ) {
    this.backoff = new Backoff(times.pauseMs, times.longestPauseMs);
  }

  learnFrom(outcome: Outcome): void {
    const reachable = serverAnswered(outcome);
    if (reachable === undefined) return;
    if (reachable) this.backoff.reset();
    if (reachable === this.reachable) return;
    this.reachable = reachable;
    if (reachable) this.logger.info('the SMTP server is back');
    else this.logger.warn('no SMTP server: e-mails wait in the ledger');
  }

  /** Before the server is asked again. */
  pause(signal: AbortSignal): Promise<void> {
    return this.backoff.wait(signal);
  }
}
