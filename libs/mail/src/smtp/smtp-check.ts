import { createTransport } from 'nodemailer';
import type { ServerCheck } from '#libs/platform';
import { smtpOptions, type SmtpConnection } from './smtp-connection.js';

/** A limit for the connection; the caller of a check has a shorter one. */
const CHECK_TIMEOUT_MS = 10_000;

export const smtpCheck = (connection: SmtpConnection): ServerCheck => ({
  server: 'the SMTP server at SMTP_URL',
  address: connection.url,
  probe: () => probeSmtp(connection),
});

/**
 * Connects and signs in, without sending a mail.
 * @throws the client's error, with advice
 */
async function probeSmtp(connection: SmtpConnection): Promise<void> {
  const transport = createTransport({
    ...smtpOptions(connection).options,
    dnsTimeout: CHECK_TIMEOUT_MS,
    connectionTimeout: CHECK_TIMEOUT_MS,
    greetingTimeout: CHECK_TIMEOUT_MS,
    socketTimeout: CHECK_TIMEOUT_MS,
  });
  try {
    await transport.verify();
  } catch (error) {
    throw error instanceof Error ? withAdvice(error) : error;
  } finally {
    transport.close();
  }
}

/** Says which variable to look at. */
function withAdvice(error: Error): Error {
  const { code = '' } = error as { code?: string };
  const advice =
    code === 'EAUTH'
      ? 'check SMTP_USERNAME and SMTP_PASSWORD_FILE'
      : /certificate|altnames/i.test(error.message)
        ? 'check SMTP_CA_FILE, and that the host in SMTP_URL is in the certificate'
        : code === 'ETLS'
          ? 'the server may not offer TLS, which a login and SMTP_CA_FILE need'
          : undefined;
  if (advice !== undefined) error.message += `; ${advice}`;
  return error;
}
