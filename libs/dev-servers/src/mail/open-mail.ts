import { lockDataDir } from '../process/data-dir-lock.js';
import { listen, LOOPBACK } from '../process/listen.js';
import type { Serving } from '../process/serve.js';
import { httpServer } from './http/http-server.js';
import { DEFAULT_LIMITS, type MailLimits } from './limits.js';
import { Mailbox } from './mailbox.js';
import { MailReader } from './mail-reader.js';
import { smtpServer } from './smtp-server.js';

export interface MailSettings {
  /** Where the mails are kept, one .eml file each; made when absent. */
  readonly dataDir: string;
  /** The preferred ports; free ones when they are busy or absent. */
  readonly smtpPort?: number;
  readonly httpPort?: number;
  /** Tests lower these. */
  readonly limits?: Partial<MailLimits>;
}

export interface MailAddresses {
  /** `smtp://127.0.0.1:<port>`: no TLS; any user name and password will do. */
  readonly smtpUrl: string;
  /** `http://127.0.0.1:<port>`: the page, and the API below `/api/messages`. */
  readonly url: string;
}

export async function openMail(settings: MailSettings): Promise<Serving<MailAddresses>> {
  const limits = { ...DEFAULT_LIMITS, ...settings.limits };
  const unlock = lockDataDir(settings.dataDir);
  const mailbox = await Mailbox.open(settings.dataDir, limits);
  const smtp = smtpServer(mailbox, limits);
  const smtpUrl = `smtp://${LOOPBACK}:${await listen(smtp.server, settings.smtpPort)}`;
  const http = httpServer(mailbox, new MailReader(mailbox), { smtpUrl, limits });
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
