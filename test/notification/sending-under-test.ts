import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { parseLinkKeys, verifyLink, type LinkPurpose } from '../../libs/mail/src/index.js';
import { refusingMail, type MailUnderTest } from '../support/mail.js';
import {
  LINK_KEYS,
  ledgerUnderTest,
  notificationUnderTest,
  until,
  type Overrides,
} from './notification-under-test.js';

/** An e-mail as it arrived. */
export interface Mail {
  readonly to: readonly string[];
  readonly from: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What the token of a link says for a purpose. */
export const linkIn = (url: string, purpose: LinkPurpose, now = new Date()) =>
  verifyLink(parseLinkKeys(LINK_KEYS), url.replace('https://network.example/l/', ''), purpose, now);

/** The app without Kafka, a database and a mailbox, empty for each test. */
export function sendingUnderTest() {
  let ledger: Awaited<ReturnType<typeof ledgerUnderTest>>;
  let mail: MailUnderTest;
  const running: { stop(): Promise<void> }[] = [];

  beforeAll(async () => {
    [ledger, mail] = await Promise.all([ledgerUnderTest(), refusingMail()]);
  });
  beforeEach(async () => {
    await ledger.clear();
    await fetch(`${mail.url}/api/messages`, { method: 'DELETE' });
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((app) => app.stop()));
  });
  afterAll(async () => {
    await Promise.all([ledger.stop(), mail.stop()]);
  });

  function make(overrides?: Overrides) {
    const app = notificationUnderTest(ledger.pool, mail.smtpUrl, overrides);
    running.push(app);
    return app;
  }

  /** Oldest first. */
  const mails = async (): Promise<Mail[]> =>
    ((await (await fetch(`${mail.url}/api/messages`)).json()) as Mail[]).toReversed();

  return {
    ledger: () => ledger,
    make,
    start: (overrides?: Overrides) => {
      const app = make(overrides);
      app.sender.start();
      return app;
    },
    mails,
    expectMails: (count: number) => until(mails, (list) => list.length === count),
  };
}
