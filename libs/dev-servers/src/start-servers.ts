import { resolve } from 'node:path';
import type { EventStoreSettings } from './eventstore/open-event-store.js';
import type { KafkaAddresses, KafkaSettings } from './kafka/open-kafka.js';
import type { MailAddresses, MailSettings } from './mail/open-mail.js';
import type { PostgresAddresses, PostgresSettings } from './postgres/open-postgres.js';
import { type DevServer, launch, type LaunchOptions } from './process/server-process.js';

/**
 * Starts a server that speaks EventStoreDB's protocol, in a child process. Its events are stored in `dataDir`.
 * @returns `url` is a connection string for @eventstore/db-client
 * @throws when the directory is in use, or its log is damaged
 */
export function startEventStore(
  settings: EventStoreSettings,
  options?: LaunchOptions,
): Promise<DevServer<{ url: string }>> {
  return launch<{ url: string }>('eventstore/main', settings, options);
}

/**
 * Starts a broker that speaks Kafka's protocol, in a child process.
 * @throws when another process uses `dataDir`, a file in it is damaged, or NODE_ENV is production
 */
export function startKafka(
  settings: KafkaSettings,
  options?: LaunchOptions,
): Promise<DevServer<KafkaAddresses>> {
  return launch<KafkaAddresses>('kafka/main', settings, options);
}

/** Starts an SMTP server, in a child process, that stores and shows mail and delivers none. */
export function startMail(
  settings: MailSettings,
  options?: LaunchOptions,
): Promise<DevServer<MailAddresses>> {
  return launch('mail/main', { ...settings, dataDir: resolve(settings.dataDir) }, options);
}

/** The first start runs initdb, and a start after a crash replays the WAL: both are slow on a busy machine. */
const POSTGRES_READY_WITHIN_MS = 300_000;

/**
 * Starts PostgreSQL, by default from its npm package, in a child process, and creates the database `invitations`.
 * @throws when there is no package for this platform, or another process runs PostgreSQL on the same directory
 */
export function startPostgres(
  settings: PostgresSettings,
  options?: LaunchOptions,
): Promise<DevServer<PostgresAddresses>> {
  const dataDir = resolve(settings.dataDir);
  return launch(
    'postgres/main',
    { ...settings, dataDir },
    { readyWithinMs: POSTGRES_READY_WITHIN_MS, ...options },
  );
}
