import { resolve } from 'node:path';
import { type DevServer, launch, type LaunchOptions } from '../process/dev-server.js';
import type { MailAddresses, MailSettings } from './open-mail.js';

/** Starts, in a child process, an SMTP server that delivers nothing and shows what it was given. */
export function startMail(
  settings: MailSettings,
  options?: LaunchOptions,
): Promise<DevServer<MailAddresses>> {
  return launch('mail/main', { ...settings, dataDir: resolve(settings.dataDir) }, options);
}
