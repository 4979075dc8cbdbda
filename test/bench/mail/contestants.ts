import { setTimeout as sleep } from 'node:timers/promises';
import { startChild } from '../support/child.js';
import { between, Meter, type Stretch } from '../support/meter.js';
import { FROM, LINK_KEYS, PUBLIC_URL } from './environment.js';
import { eventOf, mailOf, topicOf, type Mail } from './mails.js';
import type { Had, Setting } from './setting.js';

export interface Run {
  /** The number of its first mail: each is about members who had none before. */
  readonly first: number;
  /** Mails that are counted, after `uncounted` during which code is compiled. */
  readonly count: number;
  readonly uncounted: number;
  readonly connections: number;
}

/** A run, and the mean size of its mails: that of the two must be the same. */
export interface Measured extends Stretch {
  readonly bytesAMail: number;
}

const bytesAMail = (before: Had, after: Had): number =>
  Math.round((after.bytes - before.bytes) / (after.mails - before.mails));

/** nodemailer alone. */
export async function runRaw(
  setting: Setting,
  { first, count, uncounted, connections }: Run,
): Promise<Measured> {
  const before = await setting.had();
  const child = startChild('test/bench/mail/raw.main.js', {
    SMTP_PORT: String(before.port),
    CONNECTIONS: String(connections),
    FIRST: String(first),
    COUNT: String(uncounted + count),
    UNCOUNTED: String(uncounted),
  });
  const meter = new Meter({ client: child.pid, sink: setting.sinkPid, ...setting.servers.pids });
  await child.message();
  const begin = meter.mark();
  const done = child.message();
  child.send('go');
  await done;
  const end = meter.mark();
  const after = await setting.untilHad(before.mails + uncounted + count);
  await child.stop();
  return { ...between(begin, end, count), bytesAMail: bytesAMail(before, after) };
}

/**
 * The built app before a backlog on Kafka, from the first message that it reads until every mail is in its ledger as
 * sent. It is held (SIGSTOP) while the backlog is written, so that all of its work is counted and none of ours.
 */
export async function runApp(
  setting: Setting,
  { first, count, uncounted, connections }: Run,
): Promise<Measured> {
  const mails = Array.from({ length: uncounted + count }, (_, n) => mailOf(first + n));
  const before = await setting.had();
  await publish(setting, mails.slice(0, uncounted));
  const child = startChild('apps/notification/src/main.js', {
    KAFKA_BROKERS: setting.servers.kafka,
    DATABASE_URL: setting.servers.postgres,
    SMTP_URL: `smtp://127.0.0.1:${before.port}`,
    SMTP_CONNECTIONS: String(connections),
    MAIL_FROM: FROM,
    PUBLIC_URL,
    LINK_KEYS,
    HEALTH_PORT: '0',
    LOG_LEVEL: 'warn',
  });
  const meter = new Meter({ client: child.pid, sink: setting.sinkPid, ...setting.servers.pids });
  await child.during(setting.untilHad(before.mails + uncounted));
  await child.during(untilSettled(setting));
  process.kill(child.pid, 'SIGSTOP');
  await publish(setting, mails.slice(uncounted));
  const begin = meter.mark();
  process.kill(child.pid, 'SIGCONT');
  const after = await child.during(setting.untilHad(before.mails + uncounted + count));
  await child.during(untilSettled(setting));
  const end = meter.mark();
  await child.stop();
  return { ...between(begin, end, count), bytesAMail: bytesAMail(before, after) };
}

async function publish({ broker }: Setting, mails: readonly Mail[]): Promise<void> {
  for (const [topic, ofTopic] of Map.groupBy(mails, topicOf)) await broker.publish(topic, ofTopic, eventOf);
}

async function untilSettled({ db }: Setting): Promise<void> {
  for (;;) {
    const { rowCount } = await db.query(
      `SELECT FROM notification.deliveries WHERE state IN ('queued', 'sending') LIMIT 1`,
    );
    if (rowCount === 0) return;
    await sleep(10);
  }
}
