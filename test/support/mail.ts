import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMail } from '../../libs/dev-servers/src/start-servers.js';
import { startMailContainer } from './servers/containers/mail.js';
import { realServers } from './real-servers.js';
import { hasSharedServers, openSharedServer } from './shared-servers.js';
import type { TestMail } from './test-servers.js';

export type { TestMail };

/** Opens the mail server at SMTP_URL, whose API is at MAIL_URL, or a new one: a container, or a development server. */
export async function openTestMail(): Promise<TestMail> {
  const { SMTP_URL: smtpUrl, MAIL_URL: url } = process.env;
  if (smtpUrl && url) return { smtpUrl, url, stop: () => Promise.resolve() };
  return realServers().has('containers') ? startMailContainer() : refusingMail();
}

/** Opens a development server in any case, because no real server refuses recipients by their name. */
export async function refusingMail(settings: { readonly smtpUtf8?: boolean } = {}): Promise<TestMail> {
  if (hasSharedServers()) return openSharedServer('mail', settings);
  const dataDir = await mkdtemp(join(tmpdir(), 'test-mail-'));
  const server = await startMail({ dataDir, ...settings });
  return {
    ...server.addresses,
    async stop() {
      await server.stop();
      await rm(dataDir, { recursive: true });
    },
  };
}
