import { callbackify } from 'node:util';
import { SMTPServer } from 'smtp-server';
import { LOOPBACK } from '../process/listen.js';
import { MAX_CONNECTIONS, type MailLimits } from './limits.js';
import type { Mailbox } from './mailbox.js';

const MAX_RECIPIENTS = 1_000;

/** How long `close` waits for clients that are in the middle of a mail, in milliseconds. */
const CLOSE_TIMEOUT_MS = 1_000;

/** Lets a test, or a person, see what becomes of a mail that is refused. */
const REFUSALS = [
  { prefix: 'reject-5xx', code: 550, reason: 'no such mailbox' },
  { prefix: 'reject-4xx', code: 451, reason: 'try again later' },
] as const;

/** An SMTP server that takes every mail for everybody, but for recipients that ask to be refused. */
export function smtpServer(mailbox: Mailbox, limits: MailLimits): SMTPServer {
  const server = new SMTPServer({
    name: LOOPBACK,
    disabledCommands: ['STARTTLS'],
    authOptional: true,
    allowInsecureAuth: true,
    disableReverseLookup: true,
    size: limits.bytes,
    rejectOversized: true,
    maxClients: MAX_CONNECTIONS,
    maxRecipients: MAX_RECIPIENTS,
    maxAllowedUnauthenticatedCommands: false,
    socketTimeout: limits.patienceMs,
    closeTimeout: CLOSE_TIMEOUT_MS,
    onAuth: ({ username }, _session, done) => done(null, { user: username ?? 'anyone' }),
    onRcptTo({ address }, _session, done) {
      const refusal = REFUSALS.find(({ prefix }) => address.startsWith(prefix));
      done(refusal && Object.assign(new Error(refusal.reason), { responseCode: refusal.code }));
    },
    onData(stream, { envelope }, done) {
      const from = envelope.mailFrom ? envelope.mailFrom.address : '';
      const to = envelope.rcptTo.map(({ address }) => address);
      callbackify(() => mailbox.receive(stream, { from, to }))((error, id) => done(error, `kept as ${id}`));
    },
  });
  // Broken connections arrive here; without a listener they would end the process.
  server.on('error', () => undefined);
  return server;
}
