import { setTimeout as sleep } from 'node:timers/promises';
import { startChild, type Child } from '../support/child.js';
import { between, Meter, type Stretch } from '../support/meter.js';
import { FROM, LINK_KEYS, PUBLIC_URL } from './environment.js';
import { eventOf, mailOf, topicOf, type Mail } from './mails.js';
import type { Had, BenchHarness } from './bench-harness.js';

export interface Run {
  /** The number of the first e-mail. Each e-mail is about members without an earlier one. */
  readonly first: number;
  /** E-mails that are counted, after `uncounted` e-mails during which Node compiles the code. */
  readonly count: number;
  readonly uncounted: number;
  readonly connections: number;
}

/** A run, and the mean size of its e-mails, which must be the same for both candidates. */
export interface Measured extends Stretch {
  readonly bytesAMail: number;
}

const bytesAMail = (before: Had, after: Had): number =>
  Math.round((after.bytes - before.bytes) / (after.mails - before.mails));

/** Runs nodemailer alone. */
export async function runRaw(
  harness: BenchHarness,
  { first, count, uncounted, connections }: Run,
): Promise<Measured> {
  const before = await harness.had();
  const child = startChild('test/perf/mail/raw.main.js', {
    SMTP_PORT: String(before.port),
    CONNECTIONS: String(connections),
    FIRST: String(first),
    COUNT: String(uncounted + count),
    UNCOUNTED: String(uncounted),
  });
  const meter = new Meter({ client: child.pid, sink: harness.sinkPid, ...harness.servers.pids });
  await child.message();
  const begin = meter.mark();
  const done = child.message();
  child.send('go');
  await done;
  const end = meter.mark();
  const after = await harness.untilHad(before.mails + uncounted + count);
  await child.stop();
  return { ...between(begin, end, count), bytesAMail: bytesAMail(before, after) };
}

/**
 * Runs the built app with a backlog on Kafka, from the first message that it reads until every e-mail is sent in its
 * ledger. The app is paused (SIGSTOP) while the backlog is written, so that all of its work is measured and none of the
 * bench's.
 */
export async function runApp(
  harness: BenchHarness,
  { first, count, uncounted, connections }: Run,
): Promise<Measured> {
  const mails = Array.from({ length: uncounted + count }, (_, n) => mailOf(first + n));
  const before = await harness.had();
  await publishMails(harness, mails.slice(0, uncounted));
  const child = startNotification(harness, before.port, connections);
  const meter = new Meter({ client: child.pid, sink: harness.sinkPid, ...harness.servers.pids });
  await child.during(harness.untilHad(before.mails + uncounted));
  await child.during(untilSettled(harness));
  process.kill(child.pid, 'SIGSTOP');
  await publishMails(harness, mails.slice(uncounted));
  const begin = meter.mark();
  process.kill(child.pid, 'SIGCONT');
  const after = await child.during(harness.untilHad(before.mails + uncounted + count));
  await child.during(untilSettled(harness));
  const end = meter.mark();
  await child.stop();
  return { ...between(begin, end, count), bytesAMail: bytesAMail(before, after) };
}

/** @param port of the SMTP server */
export const startNotification = ({ servers }: BenchHarness, port: number, connections: number): Child =>
  startChild('apps/notification/src/main.js', {
    KAFKA_BROKERS: servers.kafka,
    DATABASE_URL: servers.postgres,
    SMTP_URL: `smtp://127.0.0.1:${port}`,
    SMTP_CONNECTIONS: String(connections),
    MAIL_FROM: FROM,
    PUBLIC_URL,
    LINK_KEYS,
    HEALTH_PORT: '0',
    LOG_LEVEL: 'error',
  });

export async function publishMails({ broker }: BenchHarness, mails: readonly Mail[]): Promise<void> {
  for (const [topic, ofTopic] of Map.groupBy(mails, topicOf)) await broker.publish(topic, ofTopic, eventOf);
}

/** Waits until no e-mail is queued or being sent. */
export async function untilSettled({ db }: BenchHarness): Promise<void> {
  for (;;) {
    const { rowCount } = await db.query(
      `SELECT FROM notification.deliveries WHERE state IN ('queued', 'sending') LIMIT 1`,
    );
    if (rowCount === 0) return;
    await sleep(10);
  }
}
