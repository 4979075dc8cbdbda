import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMail } from '../../libs/dev-servers/src/mail/start.js';
import { startMailContainer } from '../servers/containers/mail.js';
import { realServers } from './real-servers.js';
import type { MailUnderTest } from './under-test.js';

export type { MailUnderTest };

/** The mail server at SMTP_URL, whose API is at MAIL_URL, or one of its own: a container, or a development server. */
export async function mailUnderTest(): Promise<MailUnderTest> {
  const { SMTP_URL: smtpUrl, MAIL_URL: url } = process.env;
  if (smtpUrl && url) return { smtpUrl, url, stop: () => Promise.resolve() };
  return realServers().has('containers') ? startMailContainer() : refusingMail();
}

/** A development server whatever else is tested on: no real one refuses recipients when their name asks for it. */
export async function refusingMail(): Promise<MailUnderTest> {
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
