import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NestFactory } from '@nestjs/core';
import { NotificationConfig } from '../../apps/notification/src/config.js';
import { notificationMigrations } from '../../apps/notification/src/migrations.js';
import { NotificationApp } from '../../apps/notification/src/notification-app.js';
import { NotificationModule } from '../../apps/notification/src/notification.module.js';
import { PARTITIONS, TOPICS } from '../../libs/contracts/src/index.js';
import { createKafka, ensureTopics, Producer, type Incoming } from '../../libs/kafka/src/index.js';
import {
  createLogger,
  createPool,
  loadConfig,
  migrate,
  type Running,
} from '../../libs/platform/src/index.js';
import { kafkaUnderTest } from '../support/kafka.js';
import { mailUnderTest } from '../support/mail.js';
import { postgresUnderTest } from '../support/postgres.js';
import { accepted, invitationId, profile, reminderDue, replied, sent } from './messages.js';
import { LINK_KEYS, until } from './notification-under-test.js';
import type { Mail } from './sending-under-test.js';

const logger = createLogger('test', 'silent');

describe('the notification app, from Kafka to SMTP', () => {
  let kafka: Awaited<ReturnType<typeof kafkaUnderTest>>;
  let mail: Awaited<ReturnType<typeof mailUnderTest>>;
  let postgres: Awaited<ReturnType<typeof postgresUnderTest>>;
  let producer: Producer;
  let app: Running;

  beforeAll(async () => {
    [kafka, mail, postgres] = await Promise.all([kafkaUnderTest(), mailUnderTest(), postgresUnderTest()]);
    const client = createKafka({ brokers: kafka.brokers.join(), clientId: 'test' }, logger);
    const topics = [TOPICS.profiles, TOPICS.sent, TOPICS.accepted, TOPICS.replied, TOPICS.reminderDue];
    await ensureTopics(
      client,
      topics.map((topic) => ({ topic, numPartitions: PARTITIONS })),
    );
    producer = new Producer(client);
    await producer.connect();
    const pool = createPool({ url: postgres.url, app: 'test', max: 1 }, logger);
    await migrate(pool, notificationMigrations, logger);
    await pool.end();
    const config = loadConfig(NotificationConfig, {
      KAFKA_BROKERS: kafka.brokers.join(),
      DATABASE_URL: postgres.url,
      SMTP_URL: mail.smtpUrl,
      PUBLIC_URL: 'https://network.example',
      MAIL_FROM: 'invitations@network.example',
      LINK_KEYS,
      HEALTH_PORT: '0',
    });
    const fatal = (reason: string) => {
      throw new Error(reason);
    };
    const module = NotificationModule.with({ config, logger, fatal, now: () => new Date() });
    const context = await NestFactory.createApplicationContext(module, { logger: false });
    app = await context.get(NotificationApp).start();
  });
  afterAll(async () => {
    await app.stop();
    await producer.disconnect();
    await Promise.all([kafka.stop(), mail.stop(), postgres.stop()]);
  });

  const publish = (...messages: Incoming[]) =>
    producer.send(
      messages.map(({ topic, key, value, headers }) => ({
        topic,
        key,
        value,
        headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, String(text)])),
      })),
    );

  const subjects = async (): Promise<string[]> =>
    ((await (await fetch(`${mail.url}/api/messages`)).json()) as Mail[])
      .map(({ to, subject }) => `${to[0]}: ${subject}`)
      .toSorted();

  it('every kind of event comes out as its e-mail, once, however often it comes in', async () => {
    const id = invitationId('alice');
    const invited = sent('alice', 'bob', { invitationId: id });
    const reminded = reminderDue('alice', 'bob', { invitationId: id });
    await publish(profile('alice'), profile('bob', { locale: 'ar' }), invited, invited, reminded, reminded);
    const toBob = ['bob@example.com: تذكير: دعوة للتواصل من Alice', 'bob@example.com: دعوة للتواصل من Alice'];
    await until(subjects, (list) => list.length === 2, 20_000);
    expect(await subjects()).toEqual(toBob);
    const reply = replied('alice', 'bob', { invitationId: id });
    const acceptance = accepted('alice', 'bob', { invitationId: id });
    await publish(reply, reply, acceptance, reply, acceptance, invited, reminded);
    await until(subjects, (list) => list.length === 4, 20_000);
    // What comes after on the same partitions has passed the repeats.
    await publish(profile('carol'), sent('carol', 'bob'), reminderDue('carol', 'bob'));
    await publish(replied('alice', 'carol'), accepted('alice', 'carol'));
    expect(await until(subjects, (list) => list.length >= 8, 20_000)).toEqual(
      [
        ...toBob,
        'alice@example.com: Bob has replied to your invitation',
        'alice@example.com: Your network has a new member: Bob',
        'alice@example.com: Carol has replied to your invitation',
        'alice@example.com: Your network has a new member: Carol',
        'bob@example.com: تذكير: دعوة للتواصل من Carol',
        'bob@example.com: دعوة للتواصل من Carol',
      ].toSorted(),
    );
  });
});
