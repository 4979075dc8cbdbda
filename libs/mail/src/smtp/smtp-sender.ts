import SMTPPool from 'nodemailer/lib/smtp-pool';
import type { Email } from '../emails/render-email.js';
import { addressIn, envelopeAddress } from '../mime/envelope.js';
import { messageOf } from '../mime/message.js';
import { GatedBody, Withheld } from './gated-body.js';
import { resultOf, type SendResult } from './send-result.js';

/** An e-mail and its envelope. */
export interface OutgoingMail {
  /** An address, or `Name <address>`. */
  readonly from: string;
  /** An address, nothing else. */
  readonly to: string;
  readonly messageId: string;
  /** The Message-ID of the e-mail below which mail programs are to show this one. */
  readonly thread?: string;
  /** Where one POST ends e-mails of this kind, without a login (RFC 8058). */
  readonly unsubscribeUrl: string;
  readonly email: Email;
}

export interface SmtpSettings {
  /** `smtp[s]://[user:password@]host[:port]`. */
  readonly url: string;
  /** Mails under way at a time; further ones wait in memory, so callers are to keep to it. */
  readonly connections: number;
  /** After this a mail is given up, in milliseconds, however the server trickles. */
  readonly deadlineMs?: number;
}

/** Sends over a pool of SMTP connections, and says of each mail what is known. It never tries twice. */
export class SmtpSender {
  private readonly pool: SMTPPool;
  private readonly deadlineMs: number;

  constructor({ url, connections, deadlineMs = 60_000 }: SmtpSettings) {
    this.deadlineMs = deadlineMs;
    this.pool = new SMTPPool({
      url,
      pool: true,
      maxConnections: connections,
      // A requeued mail may be one that was accepted.
      maxRequeues: 0,
      idleTimeout: 30_000,
      dnsTimeout: 5_000,
      connectionTimeout: 10_000,
      greetingTimeout: 10_000,
      socketTimeout: 30_000,
      socketCloseTimeout: 500,
      logger: false,
    });
    // The mail that met the error hears of it; without a listener it would end the process.
    this.pool.on('error', () => undefined);
  }

  /**
   * @param beforeData runs when the server is ready for the mail's data, before a byte of it is sent: the place to
   *   note that from here on the outcome may stay unknown. False, or a throw, withholds the mail.
   */
  async send(mail: OutgoingMail, beforeData: () => Promise<boolean>): Promise<SendResult> {
    const to = envelopeAddress(mail.to);
    // Nothing makes an address of it; a server would say the same.
    if (to === undefined) return { outcome: 'refused', code: 0, noMailbox: true };
    const body = new GatedBody(messageOf({ ...mail, to }, mail.email, new Date()), beforeData);
    const message = {
      getEnvelope: () => ({ from: addressIn(mail.from), to: [to] }),
      messageId: () => mail.messageId,
      getHeader: (name: string) => (name === 'message-id' ? mail.messageId : undefined),
      createReadStream: () => body,
    };
    const data = { signal: AbortSignal.timeout(this.deadlineMs) };
    return new Promise((resolve) => {
      // The pool uses no more of a mail; the rest of one belongs to nodemailer's composer and its plugins.
      this.pool.send({ message, data } as unknown as Parameters<SMTPPool['send']>[0], (error) => {
        if (!error) return resolve({ outcome: 'sent' });
        resolve(error instanceof Withheld ? { outcome: 'withheld' } : resultOf(error, body.begun));
      });
    });
  }

  /** Ends the connections. What is under way finishes first; `force` cuts it off, with an outcome that says so. */
  close(force = false): void {
    this.pool.close({ force });
  }
}
