import { Inject, Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { SendResult, SmtpSender } from '#libs/mail';
import { startSpan, withSpans, type Logger, type Pool } from '#libs/platform';
import { LOGGER, POOL } from '#libs/service';
import type { ClaimedDelivery } from '../outbox/delivery.js';
import { triedSince } from '../outbox/outbox.table.js';
import type { DeliveryOutcome } from './delivery-outcome.js';

type FinishedDelivery = Pick<ClaimedDelivery, 'kind' | 'happenedAt' | 'reason' | 'deferredUntil'>;

/** Whether an e-mail is late as it should be: it was held back, or waited for a profile (D15, D13). */
const wasMeantToWait = ({ reason, deferredUntil }: FinishedDelivery): boolean =>
  deferredUntil !== null || reason === 'MEMBER_UNKNOWN';

/** Metrics of the outbox, for operators. No member sees them (R29). */
@Injectable()
export class DeliveryMetrics {
  private readonly outcomes: Counter<'kind' | 'state' | 'reason'>;
  private readonly eventToMail: Histogram;
  private readonly circuitOpen: Gauge;
  private readonly circuitOpened: Counter;

  constructor(registry: Registry, @Inject(POOL) pool: Pool, @Inject(LOGGER) logger: Logger) {
    this.outcomes = new Counter({
      name: 'notification_deliveries_total',
      help: 'Attempts at e-mails, by their outcome; state "queued" is tried again',
      labelNames: ['kind', 'state', 'reason'],
      registers: [registry],
    });
    this.eventToMail = new Histogram({
      name: 'notification_event_to_mail_seconds',
      help: 'Time from an event until the SMTP server has taken its e-mail, except e-mails that had to wait for an interval or a profile',
      buckets: [1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3600],
      registers: [registry],
    });
    this.circuitOpen = new Gauge({
      name: 'notification_smtp_circuit_open',
      help: '1 while the SMTP server refuses every address: e-mails wait, and single ones test the server',
      registers: [registry],
    });
    this.circuitOpen.set(0);
    this.circuitOpened = new Counter({
      name: 'notification_smtp_circuit_opened_total',
      help: 'How often the SMTP server began to refuse every address',
      registers: [registry],
    });
    registerOutboxGauges(registry, pool, logger);
  }

  setCircuit(isOpen: boolean): void {
    this.circuitOpen.set(isOpen ? 1 : 0);
    if (isOpen) this.circuitOpened.inc();
  }

  recordOutcome(delivery: FinishedDelivery, outcome: DeliveryOutcome): void {
    const { kind, happenedAt } = delivery;
    const state = 'state' in outcome ? outcome.state : 'queued';
    this.outcomes.inc({ kind, state, reason: outcome.reason ?? '' });
    if (state !== 'sent' || wasMeantToWait(delivery)) return;
    this.eventToMail.observe(Math.max(0, Date.now() - Date.parse(happenedAt)) / 1000);
  }
}

/** Gauges that one query of the outbox fills at each scrape. */
function registerOutboxGauges(registry: Registry, pool: Pool, logger: Logger): void {
  const oldestDue = new Gauge({
    name: 'notification_oldest_due_seconds',
    help: 'Seconds since the oldest delivery that is due became due',
    registers: [registry],
  });
  const oldestWaiting = new Gauge({
    name: 'notification_oldest_waiting_seconds',
    help: 'Seconds since the event of the oldest unsettled delivery arrived',
    registers: [registry],
  });
  const unknown = new Gauge({
    name: 'notification_unknown',
    help: 'Deliveries of unknown outcome: the server may or may not have taken the e-mail',
    registers: [registry],
  });
  const forProfiles = new Gauge({
    name: 'notification_waiting_for_profiles',
    help: 'Deliveries that wait for the profile of a member; more processes would not send them sooner',
    registers: [registry],
  });
  const heldBack = new Gauge({
    name: 'notification_held_back',
    help: 'Invitation e-mails that wait until the interval since the last one of the same inviter has passed',
    registers: [registry],
  });
  const waiting = new Gauge({
    name: 'notification_waiting',
    help: 'Deliveries that are not settled, except those that are held back or wait for a profile',
    registers: [registry],
    async collect() {
      try {
        const { rows } = await pool.query<
          Record<'waiting' | 'forProfiles' | 'heldBack' | 'due' | 'oldest' | 'unknown', number>
        >(
          `SELECT count(*) FILTER (WHERE NOT waits AND NOT is_held)::integer AS waiting,
             count(*) FILTER (WHERE waits)::integer AS "forProfiles",
             count(*) FILTER (WHERE is_held)::integer AS "heldBack",
             COALESCE(extract(epoch FROM now() - min(due_at)), 0)::float8 AS due,
             COALESCE(extract(epoch FROM now() - min(${triedSince('d')}) FILTER (WHERE NOT is_held)), 0)::float8 AS oldest,
             (SELECT count(*)::integer FROM notification.deliveries WHERE state = 'unknown') AS unknown
           FROM (SELECT *, state = 'queued' AND reason IS NOT DISTINCT FROM 'MEMBER_UNKNOWN' AS waits,
               state = 'queued' AND COALESCE(reason IN ('TOO_SOON', 'NOT_OPEN'), false) AS is_held
             FROM notification.deliveries WHERE state IN ('queued', 'sending')) d`,
        );
        const counted = rows[0]!;
        this.set(counted.waiting);
        forProfiles.set(counted.forProfiles);
        heldBack.set(counted.heldBack);
        oldestDue.set(Math.max(0, counted.due));
        oldestWaiting.set(Math.max(0, counted.oldest));
        unknown.set(counted.unknown);
      } catch (error) {
        logger.warn(
          { err: error },
          'failed to count the outbox for the metrics; the gauges keep their last values',
        );
      }
    },
  });
  waiting.set(0);
}

/** Measures the duration of each transfer by its outcome, and how many are in progress. */
export function instrumentSmtp(smtp: SmtpSender, registry: Registry): Pick<SmtpSender, 'send'> {
  const registers = [registry];
  const duration = new Histogram({
    name: 'notification_smtp_seconds',
    help: 'Seconds to give an e-mail to the server, by outcome',
    labelNames: ['outcome'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    registers,
  });
  const inFlight = new Gauge({
    name: 'notification_smtp_in_flight',
    help: 'E-mails that are being given to the server; at most SMTP_CONNECTIONS',
    registers,
  });
  return {
    async send(mail, beforeData) {
      const end = duration.startTimer();
      inFlight.inc();
      try {
        const result = await smtp.send(mail, beforeData);
        end({ outcome: result.outcome });
        return result;
      } finally {
        inFlight.dec();
      }
    },
  };
}

/** Runs an attempt in a span: the last span in the trace of an invitation. */
export async function sendWithSpan(
  { eventId, invitationId, kind, attempts, traceparent }: ClaimedDelivery,
  send: () => Promise<SendResult>,
): Promise<SendResult> {
  const span = startSpan('send e-mail', 'client', traceparent ?? undefined, {
    'invitations.event_id': eventId,
    'invitations.correlation_id': invitationId,
    'email.kind': kind,
    'email.attempt': attempts + 1,
  });
  return withSpans([span], async () => {
    const result = await send();
    span?.setAttributes({ 'email.outcome': result.outcome });
    return result;
  });
}
