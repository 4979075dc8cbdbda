import type { TestMail } from '../../test-servers.js';
import { composed } from './compose.js';
import { startContainer, stopContainer, type Reached, type ServerContainer } from './container.js';
import { serveMailpitMessages } from './mailpit-messages.js';

const SMTP = 1025;
const HTTP = 8025;

export function mailContainer(): ServerContainer {
  return {
    image: composed('mailpit').image,
    // By default it keeps only 500 e-mails.
    environment: { MP_MAX_MESSAGES: '0' },
    ports: [SMTP, HTTP],
    ready: { path: '/readyz', port: HTTP },
  };
}

export const smtpUrl = (container: Reached): string =>
  `smtp://${container.getHost()}:${container.getMappedPort(SMTP)}`;

export const mailpitUrl = (container: Reached): string =>
  `http://${container.getHost()}:${container.getMappedPort(HTTP)}`;

export async function startMailContainer(): Promise<TestMail> {
  const container = await startContainer(mailContainer());
  const messages = await serveMailpitMessages(mailpitUrl(container));
  return {
    smtpUrl: smtpUrl(container),
    url: messages.url,
    async stop() {
      await messages.stop();
      await stopContainer(container);
    },
  };
}
