import { Readable } from 'node:stream';
import SMTPPool from 'nodemailer/lib/smtp-pool';
import type { Email } from '../emails/render-email.js';
import { DkimSigner } from '../mime/dkim-signer.js';
import { extractAddress, needsSmtpUtf8, toEnvelopeAddress, withAsciiDomain } from '../mime/header.js';
import { composeMessage } from '../mime/message.js';
import { toSendResult, type SendResult } from './send-result.js';
import { smtpOptions, type SmtpConnection } from './smtp-connection.js';

/** An e-mail with its envelope and headers. */
export interface OutgoingMail {
  /** An address, or `Name <address>`. */
  readonly from: string;
  /** An address without a name. */
  readonly to: string;
  readonly messageId: string;
  /** The Message-ID of the first e-mail of the thread that this one continues. */
  readonly thread?: string;
  /** Names the kind of e-mail (RFC 2919). */
  readonly listId?: string;
  /** A POST to this URL unsubscribes from e-mails of this kind without signing in (RFC 8058). */
  readonly unsubscribeUrl: string;
  readonly email: Email;
}

export interface SmtpSettings extends SmtpConnection {
  /** The most mails in flight. Further mails wait in memory, so callers should not send more at a time. */
  readonly connections: number;
  /** In milliseconds. A mail is given up after this, even if the server still sends data slowly. */
  readonly deadlineMs?: number;
}

/** Sends e-mails over a pool of SMTP connections, each once, and returns what is known about the outcome. */
export class SmtpSender {
  private readonly pool: SMTPPool;
  private readonly deadlineMs: number;
  private readonly dkim: DkimSigner | undefined;

  constructor({ connections, deadlineMs = 60_000, ...connection }: SmtpSettings) {
    this.deadlineMs = deadlineMs;
    this.dkim = connection.dkim && new DkimSigner(connection.dkim);
    const { options, refresh } = smtpOptions(connection);
    this.pool = new SMTPPool({
      ...options,
      pool: true,
      maxConnections: connections,
      // The server may have accepted a mail that nodemailer would requeue.
      maxRequeues: 0,
      idleTimeout: 30_000,
      dnsTimeout: 5_000,
      connectionTimeout: 10_000,
      greetingTimeout: 10_000,
      socketTimeout: 30_000,
      socketCloseTimeout: 500,
      logger: false,
    });
    refresh(this.pool.options);
    // The affected mail gets the error as well. Without a listener, this event would end the process.
    this.pool.on('error', () => undefined);
  }

  /**
   * @param beforeData runs when the server is ready for the mail's data, before the first byte is sent. From then on the
   *   outcome may stay unknown, so the caller records that. The mail is not sent if it returns false or throws.
   */
  async send(mail: OutgoingMail, beforeData: () => Promise<boolean>): Promise<SendResult> {
    const to = toEnvelopeAddress(mail.to);
    // Not an address: every server would reject it.
    if (to === undefined) return { outcome: 'refused', code: 0, isHardBounce: true };
    const from = withAsciiDomain(mail.from);
    const sender = extractAddress(from);
    const composed = composeMessage({ ...mail, from, to }, mail.email, new Date());
    const bytes = this.dkim === undefined ? composed : await this.dkim.sign(composed);
    const body = new DeferredBodyStream(bytes, beforeData);
    let lacksSmtpUtf8 = false;
    const message = {
      // nodemailer calls this when a connection is ready. It would send a non-ASCII address even to a server without
      // SMTPUTF8. Without a recipient it sends nothing.
      getEnvelope: () => {
        lacksSmtpUtf8 =
          [sender, to].some(needsSmtpUtf8) && !offersSmtpUtf8(this.pool, (queued) => queued === request);
        return { from: sender, to: lacksSmtpUtf8 ? [] : [to] };
      },
      messageId: () => mail.messageId,
      getHeader: (name: string) => (name === 'message-id' ? mail.messageId : undefined),
      createReadStream: () => body,
    };
    const data = { signal: AbortSignal.timeout(this.deadlineMs) };
    // The pool uses only this much of a mail. The other members are for nodemailer's composer and its plugins.
    const request = { message, data } as unknown as Parameters<SMTPPool['send']>[0];
    return new Promise((resolve) => {
      this.pool.send(request, (error) => {
        if (!error) return resolve({ outcome: 'sent' });
        if (lacksSmtpUtf8) return resolve({ outcome: 'refused', code: 0, needsSmtpUtf8: true });
        resolve(
          error instanceof SendAbortedError ? { outcome: 'withheld' } : toSendResult(error, body.hasBegun),
        );
      });
    });
  }

  /** Closes the connections after the mails in flight. With `force`, mails in flight are cut off and their outcome says so. */
  close(force = false): void {
    this.pool.close({ force });
  }
}

/** The caller aborted the sending when the server was ready for the data. */
class SendAbortedError extends Error {}

/**
 * A stream of the mail's bytes that first asks `approve`. nodemailer reads it only after the server has accepted the DATA
 * command, so `approve` runs at the last moment at which certainly nothing was sent.
 */
class DeferredBodyStream extends Readable {
  /** Whether any bytes were handed to the connection. */
  hasBegun = false;
  private wasRead = false;

  constructor(
    private readonly bytes: Buffer,
    private readonly approve: () => Promise<boolean>,
  ) {
    super();
  }

  override _read(): void {
    if (this.wasRead) return;
    this.wasRead = true;
    this.approve().then(
      (isApproved) => (isApproved ? this.begin() : this.destroy(new SendAbortedError())),
      (error: unknown) => this.destroy(new SendAbortedError('sending aborted', { cause: error })),
    );
  }

  private begin(): void {
    // The connection may have been lost meanwhile.
    if (this.destroyed) return;
    this.hasBegun = true;
    this.push(this.bytes);
    this.push(null);
  }
}

/** The private members of nodemailer's pool that are used here. test/integration/notification/smtp-sender.spec.ts pins them. */
interface PoolInternals {
  readonly _connections: readonly {
    readonly queueEntry?: { readonly mail: unknown } | false;
    readonly connection?: { readonly _supportedExtensions: readonly string[] };
  }[];
}

/**
 * Whether the server offers SMTPUTF8 (RFC 6531) on the connection that is about to send a mail.
 * @param isTheMail recognises the mail in the pool's queue
 */
function offersSmtpUtf8(pool: SMTPPool, isTheMail: (mail: unknown) => boolean): boolean {
  const { _connections: connections } = pool as unknown as PoolInternals;
  const resource = connections.find(({ queueEntry }) => queueEntry && isTheMail(queueEntry.mail));
  const { _supportedExtensions: extensions = [] } = resource?.connection ?? {};
  return extensions.includes('SMTPUTF8');
}
