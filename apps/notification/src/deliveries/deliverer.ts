import type { OutgoingMail, SmtpSender } from '#libs/mail';
import { Backoff, type Logger, type Pool } from '#libs/platform';
import { saveBounce } from '../bounces/bounced-addresses.table.js';
import { betweenWhom } from '../invitation-sent/mail-interval.js';
import type { Links } from '../links.js';
import { beginTransfers, type Begun } from './begin-transfer.js';
import { compose } from './compose.js';
import type { Claimed } from './delivery.js';
import { lookAt, type Look } from './look.js';
import { givenBack, later, ofSend, unreachable, waiting, type Outcome } from './outcome.js';
import { postpone, type Postponement } from './postpone.js';
import { settle, type Settled } from './settle.js';
import { Slots } from './slots.js';
import type { DeliveryTimes } from './times.js';
import { sendAsStep } from './send-as-step.js';
import { Together } from './together.js';
import { wakeDeliveriesOf } from './waiting-for-members.js';

export interface DelivererSettings {
  /** An address, or `Name <address>`. */
  readonly from: string;
  readonly links: Links;
  /** Least time between two invitation e-mails from one inviter to one recipient, in milliseconds. */
  readonly invitationIntervalMs: number;
  /** E-mails that the server is given at a time. */
  readonly connections: number;
  readonly unclear: 'keep' | 'resend';
  readonly times: DeliveryTimes;
}

/** How often a result is tried to be written down; a lost one makes a delivery of unknown outcome. */
const RECORD_ATTEMPTS = 6;

/** After so long in the queue of a slow server, members and their wishes are looked at anew. */
const LOOK_HOLDS_MS = 1_000;

/** Carries claimed deliveries as far as they go, and writes down where that is. */
export class Deliverer {
  private readonly slots: Slots;
  private readonly begin: Together<Claimed, Begun>;
  private readonly settle: Together<Settled, boolean>;
  /** When the server was last found to be gone, on the clock of `performance.now()`. */
  private goneAtMs = Number.NEGATIVE_INFINITY;
  private isStopping = false;

  constructor(
    private readonly pool: Pool,
    private readonly smtp: Pick<SmtpSender, 'send'>,
    private readonly settings: DelivererSettings,
    private readonly logger: Logger,
  ) {
    const { connections, times, invitationIntervalMs } = settings;
    this.slots = new Slots(connections);
    this.begin = new Together(
      (deliveries) => beginTransfers(pool, deliveries, times.claimMs, invitationIntervalMs),
      (delivery) => (delivery.kind === 'invitation' ? betweenWhom(delivery) : undefined),
    );
    this.settle = new Together((settled) => settle(pool, settled));
  }

  /** What stands in none of its connections yet goes back into the queue. */
  stop(): void {
    this.isStopping = true;
  }

  /** One look for several deliveries, for all that counts. */
  look(deliveries: readonly Claimed[]): Promise<Look> {
    return lookAt(this.pool, deliveries, this.settings.invitationIntervalMs);
  }

  /** @throws what the database throws; the claim then runs out */
  async deliver(delivery: Claimed, look = this.look([delivery])): Promise<Outcome> {
    const outcome = await this.outcomeOf(delivery, look);
    const state = await this.record(delivery, outcome);
    const { eventId, recipientId, kind, invitationId: correlationId } = delivery;
    this.logger.info(
      { eventId, correlationId, causationId: eventId, recipientId, kind, state, reason: outcome.reason },
      'delivery',
    );
    return outcome;
  }

  private async outcomeOf(delivery: Claimed, looking: Promise<Look>): Promise<Outcome> {
    const { times } = this.settings;
    const look = await looking;
    // What needs no server does not wait for it.
    const end = this.withoutServer(delivery, look);
    if (end !== undefined) return end;
    const inLineSince = performance.now();
    return this.slots.use(async () => {
      if (this.isStopping) return givenBack(times);
      if (this.goneAtMs > inLineSince) return unreachable(delivery, times);
      const isOld = performance.now() - look.atMs > LOOK_HOLDS_MS;
      const latest = isOld ? await this.look([delivery]) : look;
      return this.withoutServer(delivery, latest) ?? this.send(delivery, latest);
    });
  }

  /** Where it ends, for now or for good, if it is not to be sent. */
  private withoutServer(delivery: Claimed, { members, hindranceOf }: Look): Outcome | undefined {
    const reason = hindranceOf(delivery);
    if (reason !== undefined) return { state: 'suppressed', reason };
    const areKnown = members.has(delivery.recipientId) && members.has(delivery.aboutId);
    return areKnown ? undefined : waiting(delivery, this.settings.times);
  }

  private async send(delivery: Claimed, { members }: Look): Promise<Outcome> {
    const { times, unclear, links, from } = this.settings;
    const recipient = members.get(delivery.recipientId)!;
    const about = members.get(delivery.aboutId)!;
    let mail: OutgoingMail;
    try {
      mail = await compose({ db: this.pool, delivery, recipient, about, links }, from);
    } catch (error) {
      this.logger.error({ err: error, eventId: delivery.eventId }, 'an e-mail could not be prepared');
      return later(delivery, times, 'NOT_PREPARED');
    }
    let begun: Begun | undefined;
    const result = await sendAsStep(delivery, () =>
      this.smtp.send(mail, async () => {
        begun = await this.begin.do(delivery);
        return begun === 'begun';
      }),
    );
    if (result.outcome === 'unreachable') this.goneAtMs = performance.now();
    if ('reason' in result) {
      // An error's code and the server's number; its words may hold the address.
      const { outcome, reason } = result;
      const { eventId, invitationId: correlationId } = delivery;
      this.logger.warn({ eventId, correlationId, outcome, reason }, 'an e-mail was not taken for certain');
    }
    if (result.outcome === 'withheld' && begun !== undefined && begun !== 'begun' && begun !== 'claim lost') {
      return { state: 'suppressed', reason: begun };
    }
    if (result.outcome === 'refused' && result.noMailbox) {
      await this.persistently(() => saveBounce(this.pool, mail.to, result.code));
    }
    return ofSend(result, delivery, times, unclear);
  }

  private record(delivery: Claimed, outcome: Outcome): Promise<string | undefined> {
    return this.persistently(async () => {
      if ('again' in outcome) return this.postpone(delivery, outcome.again);
      return (await this.settle.do({ delivery, settlement: outcome })) ? outcome.state : undefined;
    });
  }

  private async persistently<T>(write: () => Promise<T>): Promise<T> {
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

  private async postpone(delivery: Claimed, again: Postponement): Promise<string | undefined> {
    const state = await postpone(this.pool, delivery, again);
    if (again.reason === 'MEMBER_UNKNOWN') await wakeDeliveriesOf(this.pool, [delivery.recipientId]);
    return state;
  }
}
