import { callbackify } from 'node:util';
import { SMTPServer } from 'smtp-server';
import { LOOPBACK } from '../process/listen.js';
import { type Mailbox, type MailLimits, MAX_CONNECTIONS } from './mailbox/mailbox.js';

const MAX_RECIPIENTS = 1_000;

/** How long `close` waits for clients that are sending a mail. */
const CLOSE_TIMEOUT_MS = 1_000;

/** Recipients that are rejected, to test how the sender handles it. */
const REJECTED_RECIPIENTS = [
  { prefix: 'reject-5xx', code: 550, reason: 'no such mailbox' },
  { prefix: 'reject-4xx', code: 451, reason: 'try again later' },
] as const;

/** An SMTP server that accepts mail for all recipients, except those of REJECTED_RECIPIENTS. */
export function createSmtpServer(mailbox: Mailbox, limits: MailLimits, offersSmtpUtf8: boolean): SMTPServer {
  const server = new SMTPServer({
    name: LOOPBACK,
    disabledCommands: ['STARTTLS'],
    hideSMTPUTF8: !offersSmtpUtf8,
    authOptional: true,
    allowInsecureAuth: true,
    disableReverseLookup: true,
    size: limits.bytes,
    rejectOversized: true,
    maxClients: MAX_CONNECTIONS,
    maxRecipients: MAX_RECIPIENTS,
    maxAllowedUnauthenticatedCommands: false,
    socketTimeout: limits.timeoutMs,
    closeTimeout: CLOSE_TIMEOUT_MS,
    onAuth: ({ username }, _session, done) => done(null, { user: username ?? 'anyone' }),
    onRcptTo({ address }, _session, done) {
      const rejection = REJECTED_RECIPIENTS.find(({ prefix }) => address.startsWith(prefix));
      done(rejection && Object.assign(new Error(rejection.reason), { responseCode: rejection.code }));
    },
    onData(stream, { envelope }, done) {
      const from = envelope.mailFrom ? envelope.mailFrom.address : '';
      const to = envelope.rcptTo.map(({ address }) => address);
      callbackify(() => mailbox.receive(stream, { from, to }))((error, id) => done(error, `stored as ${id}`));
    },
  });
  // Connection errors are emitted here. Without a listener they would end the process.
  server.on('error', () => undefined);
  return server;
}
