import { lockDataDir } from '../process/data-dir-lock.js';
import { listen, LOOPBACK } from '../process/listen.js';
import type { RunningServer } from '../process/server-process.js';
import { createMailHttpServer } from './http-server.js';
import { MailReader } from './mailbox/mail-reader.js';
import { DEFAULT_LIMITS, Mailbox, type MailLimits } from './mailbox/mailbox.js';
import { createSmtpServer } from './smtp-server.js';

export interface MailSettings {
  /** Holds the mails, one .eml file each. Created if it does not exist. */
  readonly dataDir: string;
  /** The preferred ports. Free ones are taken when they are busy or absent. */
  readonly smtpPort?: number;
  readonly httpPort?: number;
  /** Whether to accept addresses in UTF-8 (SMTPUTF8, RFC 6531). Default true. */
  readonly smtpUtf8?: boolean;
  /** For tests. */
  readonly limits?: Partial<MailLimits>;
}

export interface MailAddresses {
  /** `smtp://127.0.0.1:<port>`: without TLS; any user name and password are accepted. */
  readonly smtpUrl: string;
  /** `http://127.0.0.1:<port>`: the page, and the API below `/api/messages`. */
  readonly url: string;
}

export async function openMail(settings: MailSettings): Promise<RunningServer<MailAddresses>> {
  const limits = { ...DEFAULT_LIMITS, ...settings.limits };
  const unlock = lockDataDir(settings.dataDir);
  const mailbox = await Mailbox.open(settings.dataDir, limits);
  const smtp = createSmtpServer(mailbox, limits, settings.smtpUtf8 ?? true);
  const smtpUrl = `smtp://${LOOPBACK}:${await listen(smtp.server, settings.smtpPort)}`;
  const http = createMailHttpServer(mailbox, new MailReader(mailbox), { smtpUrl, limits });
  const url = `http://${LOOPBACK}:${await listen(http, settings.httpPort)}`;
  return {
    addresses: { smtpUrl, url },
    async stop() {
      http.close();
      http.closeAllConnections();
      await new Promise<void>((resolve) => smtp.close(() => resolve()));
      unlock();
    },
  };
}
