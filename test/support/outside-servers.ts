import { eventStoreUnderTest } from './event-store.js';
import { kafkaUnderTest } from './kafka.js';
import { mailUnderTest } from './mail.js';
import { postgresUnderTest } from './postgres.js';
import { realServers } from './real-servers.js';

/** Servers beside a standalone service, which it takes by address instead of its embedded ones. */
export interface OutsideServers {
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/**
 * Fresh ones of those that TEST_SERVERS names, and a database of its own at DATABASE_URL. A broker or an event store at a
 * given address is not taken: the service's topics and streams would hold what others have left there.
 */
export async function outsideServers(): Promise<OutsideServers> {
  const wanted = realServers();
  const inContainers = wanted.has('containers');
  const started: { stop(): Promise<void> }[] = [];
  const stop = async () => {
    await Promise.all(started.splice(0).map((server) => server.stop()));
  };
  const take = async <T extends { stop(): Promise<void> }>(
    server: Promise<T>,
    env: (server: T) => Record<string, string>,
  ) => {
    const running = await server;
    started.push(running);
    return env(running);
  };
  const taking: Promise<Record<string, string>>[] = [];
  if (inContainers) {
    taking.push(take(eventStoreUnderTest(), ({ url }) => ({ EVENTSTORE_URL: url })));
    taking.push(take(mailUnderTest(), ({ smtpUrl, url }) => ({ SMTP_URL: smtpUrl, MAIL_URL: url })));
  }
  if (inContainers || wanted.has('kafka')) {
    taking.push(take(kafkaUnderTest(), ({ brokers }) => ({ KAFKA_BROKERS: brokers.join(',') })));
  }
  if (inContainers || wanted.has('postgres') || process.env['DATABASE_URL']) {
    taking.push(take(postgresUnderTest(), ({ url }) => ({ DATABASE_URL: url })));
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
