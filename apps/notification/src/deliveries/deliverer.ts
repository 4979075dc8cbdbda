import { messageIdOf, type Email, type SendResult, type SmtpSender } from '#libs/mail';
import { Backoff, type Logger, type Pool } from '#libs/platform';
import { beginTransfer, type Begun } from './begin-transfer.js';
import type { Claimed } from './delivery.js';
import { later, ofSend, waiting, type Outcome } from './outcome.js';
import { prepare, type Preparation, type Prepared } from './prepare.js';
import { postpone, settle, type Postponement } from './settle.js';
import type { DeliveryTimes } from './times.js';
import { wakeDeliveriesOf } from './waiting-for-members.js';

export interface DelivererSettings extends Preparation {
  /** An address, or `Name <address>`. */
  readonly from: string;
  readonly unclear: 'keep' | 'resend';
  readonly times: DeliveryTimes;
}

/** How often a result is tried to be written down; a lost one makes a delivery of unknown outcome. */
const RECORD_ATTEMPTS = 6;

/** Carries one claimed delivery as far as it goes, and writes down where that is. */
export class Deliverer {
  private readonly domain: string;

  constructor(
    private readonly pool: Pool,
    private readonly smtp: Pick<SmtpSender, 'send'>,
    private readonly settings: DelivererSettings,
    private readonly logger: Logger,
  ) {
    this.domain = /@([^>@]+)>?$/.exec(settings.from)?.[1] ?? 'localhost';
  }

  /** @throws what the database throws; the claim then runs out */
  async deliver(delivery: Claimed): Promise<Outcome> {
    const outcome = await this.outcomeOf(delivery);
    const state = await this.record(delivery, outcome);
    const { eventId, recipientId, kind } = delivery;
    this.logger.info({ eventId, recipientId, kind, state, reason: outcome.reason }, 'delivery');
    return outcome;
  }

  private async outcomeOf(delivery: Claimed): Promise<Outcome> {
    const { times } = this.settings;
    let prepared: Prepared;
    try {
      prepared = await prepare(this.pool, delivery, this.settings);
    } catch (error) {
      this.logger.error({ err: error, eventId: delivery.eventId }, 'an e-mail could not be prepared');
      return later(delivery, times, 'NOT_PREPARED');
    }
    if (prepared.is === 'suppressed') return { state: 'suppressed', reason: prepared.reason };
    if (prepared.is === 'waiting') return waiting(delivery, times);
    return this.send(delivery, prepared.to, prepared.email);
  }

  private async send(delivery: Claimed, to: string, email: Email): Promise<Outcome> {
    const { from, times, unclear, invitationIntervalMs } = this.settings;
    const messageId = messageIdOf(delivery, this.domain);
    let begun: Begun | undefined;
    const result: SendResult = await this.smtp.send({ from, to, messageId, email }, async () => {
      begun = await beginTransfer(this.pool, delivery, times.claimMs, invitationIntervalMs);
      return begun === 'begun';
    });
    if ('reason' in result) {
      // An error's code and the server's number; its words may hold the address.
      const { outcome, reason } = result;
      this.logger.warn({ eventId: delivery.eventId, outcome, reason }, 'an e-mail was not taken for certain');
    }
    if (result.outcome === 'withheld' && begun === 'too soon') {
      return { state: 'suppressed', reason: 'TOO_SOON' };
    }
    return ofSend(result, delivery, times, unclear);
  }

  private async record(delivery: Claimed, outcome: Outcome): Promise<string | undefined> {
    const backoff = new Backoff(100, 5_000);
    for (let attempt = 1; ; attempt += 1) {
      try {
        if ('again' in outcome) return await this.postpone(delivery, outcome.again);
        return (await settle(this.pool, delivery, outcome)) ? outcome.state : undefined;
      } catch (error) {
        if (attempt === RECORD_ATTEMPTS) throw error;
        await backoff.wait();
      }
    }
  }

  private async postpone(delivery: Claimed, again: Postponement): Promise<string | undefined> {
    const state = await postpone(this.pool, delivery, again);
    if (again.reason === 'MEMBER_UNKNOWN') await wakeDeliveriesOf(this.pool, [delivery.recipientId]);
    return state;
  }
}
