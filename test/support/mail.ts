import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMail } from '../../libs/dev-servers/src/mail/start.js';

export interface MailUnderTest {
  readonly smtpUrl: string;
  /** Answers `GET` and `DELETE /api/messages`. */
  readonly url: string;
  stop(): Promise<void>;
}

/** The mail server at SMTP_URL, whose API is at MAIL_URL or, without these, a development server of its own. */
export async function mailUnderTest(): Promise<MailUnderTest> {
  const { SMTP_URL: smtpUrl, MAIL_URL: url } = process.env;
  if (smtpUrl && url) return { smtpUrl, url, stop: () => Promise.resolve() };
  const dataDir = await mkdtemp(join(tmpdir(), 'mail-under-test-'));
  const server = await startMail({ dataDir });
  return {
    ...server.addresses,
    async stop() {
      await server.stop();
      await rm(dataDir, { recursive: true });
    },
  };
}
