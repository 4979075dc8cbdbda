import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NestFactory } from '@nestjs/core';
import { NotificationConfig } from '../../../apps/notification/src/config.js';
import { NotificationApp } from '../../../apps/notification/src/notification-app.js';
import { NotificationModule } from '../../../apps/notification/src/notification.module.js';
import { PARTITIONS } from '#libs/contracts';
import { createKafka, ensureTopics, Producer } from '#libs/kafka';
import { createLogger, loadConfig, type RunningApp } from '#libs/platform';
import { openTestKafka } from '../../support/kafka.js';
import { openTestMail } from '../../support/mail.js';
import { accepted, invitationId, profile, reminderDue, replied, sent } from './messages.js';
import { APP_ENV, mailsAt, readUntil, startLedger, type Ledger } from './notification-harness.js';
import { CONSUMED_TOPICS, publishTo } from './process-harness.js';

const logger = createLogger('test', 'silent');

describe('NotificationModule', () => {
  let kafka: Awaited<ReturnType<typeof openTestKafka>>;
  let mail: Awaited<ReturnType<typeof openTestMail>>;
  let ledger: Ledger;
  let producer: Producer;
  let app: RunningApp;

  beforeAll(async () => {
    [kafka, mail, ledger] = await Promise.all([openTestKafka(), openTestMail(), startLedger()]);
    const client = createKafka({ brokers: kafka.brokers.join(), clientId: 'test' }, logger);
    await ensureTopics(
      client,
      CONSUMED_TOPICS.map((topic) => ({ topic, numPartitions: PARTITIONS })),
    );
    producer = new Producer(client);
    await producer.connect();
    const config = loadConfig(NotificationConfig, {
      ...APP_ENV,
      KAFKA_BROKERS: kafka.brokers.join(),
      DATABASE_URL: ledger.url,
      SMTP_URL: mail.smtpUrl,
      HEALTH_PORT: '0',
    });
    const fatal = (reason: string) => {
      throw new Error(reason);
    };
    const module = NotificationModule.forRoot({ config, logger, fatal, now: () => new Date() });
    const context = await NestFactory.createApplicationContext(module, { logger: false });
    app = await context.get(NotificationApp).start();
  });
  afterAll(async () => {
    await app.stop();
    await producer.disconnect();
    await Promise.all([kafka.stop(), mail.stop(), ledger.stop()]);
  });

  const subjects = async (): Promise<string[]> =>
    (await mailsAt(mail)).map(({ to, subject }) => `${to[0]}: ${subject}`).toSorted();

  it('sends the e-mail of each kind of event once, however often the event is published', async () => {
    const id = invitationId('alice');
    const invited = sent('alice', 'bob', { invitationId: id });
    const reminded = reminderDue('alice', 'bob', { invitationId: id });
    await publishTo(producer, [
      profile('alice'),
      profile('bob', { locale: 'ar' }),
      invited,
      invited,
      reminded,
      reminded,
    ]);
    const toBob = ['bob@example.com: تذكير: دعوة للتواصل من Alice', 'bob@example.com: دعوة للتواصل من Alice'];
    expect(await readUntil(subjects, (list) => list.length >= 2)).toEqual(toBob);
    const reply = replied('alice', 'bob', { invitationId: id });
    const acceptance = accepted('alice', 'bob', { invitationId: id });
    await publishTo(producer, [reply, reply, acceptance, reply, acceptance, invited, reminded]);
    await readUntil(subjects, (list) => list.length >= 4);
    // These are on the same partitions as the repeats: once their e-mails are there, the repeats were consumed.
    await publishTo(producer, [profile('carol'), sent('carol', 'bob'), reminderDue('carol', 'bob')]);
    await publishTo(producer, [replied('alice', 'carol'), accepted('alice', 'carol')]);
    expect(await readUntil(subjects, (list) => list.length >= 8)).toEqual(
      [
        ...toBob,
        'alice@example.com: Bob replied to your invitation',
        'alice@example.com: Your network has a new member: Bob',
        'alice@example.com: Carol replied to your invitation',
        'alice@example.com: Your network has a new member: Carol',
        'bob@example.com: تذكير: دعوة للتواصل من Carol',
        'bob@example.com: دعوة للتواصل من Carol',
      ].toSorted(),
    );
  });
});
