import { Gauge, Histogram, type Registry } from 'prom-client';
import type { SmtpSender } from '#libs/mail';

/** The SMTP server, as whoever sends finds it: how long it takes, what it says, and how many it is busy with. */
export function measuredSmtp(smtp: SmtpSender, registry: Registry): Pick<SmtpSender, 'send'> {
  const registers = [registry];
  const duration = new Histogram({
    name: 'notification_smtp_seconds',
    help: 'Time to give an e-mail to the server, by what is known of it then',
    labelNames: ['outcome'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    registers,
  });
  const inFlight = new Gauge({
    name: 'notification_smtp_in_flight',
    help: 'E-mails that the server is being given; at most SMTP_CONNECTIONS',
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
