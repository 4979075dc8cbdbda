import { openEmptyEventStore } from './event-store.js';
import { hasKafkaLogins, openTestKafka } from './kafka.js';
import { openTestMail } from './mail.js';
import { openTestPostgres } from './postgres.js';
import { realServers } from './real-servers.js';
import { environmentsOfApps, securedKafka } from './secured-kafka.js';
import { hasSharedServers } from './shared-servers.js';

/** Servers outside a standalone service, which it uses by their addresses instead of its embedded ones. */
export interface ExternalServers {
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/**
 * Starts new servers: those in the process that specs share (shared-servers.ts), or those that TEST_SERVERS names, the
 * event store of EVENTSTORE_COMMAND, and a database of its own at DATABASE_URL. It does not use a broker or an event
 * store at a given address, because its topics and streams contain the data of earlier tests. With TEST_KAFKA_LOGINS, each app has a
 * login of its own at Apache Kafka, over TLS, with the rights in the manifests.
 */
export async function startExternalServers(): Promise<ExternalServers> {
  const wanted = realServers();
  const inContainers = wanted.has('containers');
  const areGiven = inContainers || hasSharedServers();
  const started: { stop(): Promise<void> }[] = [];
  const stop = async () => {
    await Promise.all(started.splice(0).map((server) => server.stop()));
  };
  const take = async <T extends { stop(): Promise<void> }>(
    server: Promise<T>,
    env: (server: T) => Record<string, string> | Promise<Record<string, string>>,
  ) => {
    const running = await server;
    started.push(running);
    return env(running);
  };
  const taking: Promise<Record<string, string>>[] = [];
  if (areGiven || process.env['EVENTSTORE_COMMAND']) {
    taking.push(take(openEmptyEventStore(), ({ url }) => ({ EVENTSTORE_URL: url })));
  }
  if (areGiven) {
    taking.push(take(openTestMail(), ({ smtpUrl, url }) => ({ SMTP_URL: smtpUrl, MAIL_URL: url })));
  }
  if (hasKafkaLogins()) {
    taking.push(take(securedKafka(), (kafka) => environmentsOfApps(kafka)));
  } else if (areGiven || wanted.has('kafka')) {
    taking.push(take(openTestKafka(), ({ brokers }) => ({ KAFKA_BROKERS: brokers.join(',') })));
  }
  const isPostgresGiven = (['postgres', 'postgres-tls', 'pgbouncer'] as const).some((one) => wanted.has(one));
  if (areGiven || isPostgresGiven || process.env['DATABASE_URL']) {
    taking.push(take(openTestPostgres(), ({ url }) => ({ DATABASE_URL: url })));
  }
  const results = await Promise.allSettled(taking);
  const failed = results.find(({ status }) => status === 'rejected');
  if (failed !== undefined) {
    await stop();
    throw (failed as PromiseRejectedResult).reason;
  }
  const environments = results.map((one) => (one as PromiseFulfilledResult<Record<string, string>>).value);
  return { env: Object.assign({}, ...environments) as Record<string, string>, stop };
}
