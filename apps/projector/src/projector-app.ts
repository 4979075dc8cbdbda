import { Registry } from 'prom-client';
import { TOPICS } from '#libs/contracts';
import { connectEventStore, dispose } from '#libs/event-store';
import { BatchConsumer, ConsumerMetrics, createKafka, Producer, ProducerMetrics } from '#libs/kafka';
import {
  createPool,
  Health,
  measurePool,
  startHealthServer,
  type Logger,
  type Running,
} from '#libs/platform';
import {
  accountRestrictionProjection,
  archiveProjection,
  connectionsProjection,
  inboxProjection,
  remindersProjection,
  sentProjection,
} from '#libs/read-models';
import { commandMessage } from './command-message.js';
import type { ProjectorConfig } from './config.js';
import { MembersHandler } from './members/members-handler.js';
import { projectionWorkers } from './projection-workers.js';
import { publishedMessage } from './publisher/published-message.js';
import { commandAfter } from './record-connections/record-connection.process.js';
import { ReminderMetrics } from './reminders/reminder-metrics.js';
import { ReminderPoller } from './reminders/reminder-poller.js';
import { together } from './reminders/together.js';
import type { Worker, WorkerName } from './workers.js';

/**
 * Starts the workers that this process is to run.
 * @param replica tells this process from the others, and from an earlier one in the same place
 */
export async function startProjector(
  config: ProjectorConfig,
  replica: string,
  logger: Logger,
  fatal: (reason: string, error?: unknown) => void,
): Promise<Running> {
  const names = [...new Set(config.WORKERS)];
  const health = new Health();
  const registry = new Registry();
  const pool = createPool(
    {
      url: config.DATABASE_URL,
      app: `projector ${replica}`,
      // A batch and a heartbeat of each worker do not wait for another's.
      max: 2 * names.length + 1,
      idleInTransactionMs: config.LEASE_TTL,
    },
    logger,
  );
  measurePool(registry, pool);
  const client = connectEventStore(config.EVENTSTORE_URL);
  const kafka = createKafka({ brokers: config.KAFKA_BROKERS, clientId: 'projector' }, logger);
  const producer = new Producer(kafka, undefined, new ProducerMetrics(registry));
  const { rows, messages } = projectionWorkers({
    pool,
    client,
    producer,
    health,
    registry,
    logger,
    replica,
    leaseTtlMs: config.LEASE_TTL,
  });
  const make: Record<WorkerName, () => Worker> = {
    inbox: () => rows(inboxProjection),
    archive: () => rows(archiveProjection),
    sent: () => rows(sentProjection),
    connections: () => rows(connectionsProjection),
    'account-restriction': () => rows(accountRestrictionProjection),
    'record-connections': () =>
      messages('record-connections', (event) => {
        const command = commandAfter(event);
        return command && commandMessage(command, new Date(), event.traceparent);
      }),
    reminders: () => {
      const settings = {
        remindersMs: config.REMINDERS,
        reminderValidityMs: config.REMINDER_VALIDITY,
        pollMs: config.REMINDER_POLL,
        retryMs: config.REMINDER_RETRY,
      };
      const send = producer.send.bind(producer);
      const metrics = new ReminderMetrics(registry);
      const poller = new ReminderPoller(settings, pool, send, metrics, health, logger);
      return together(rows(remindersProjection), poller);
    },
    publisher: () => messages('publisher', publishedMessage),
    members: () => {
      const handler = new MembersHandler(pool, logger);
      const handle = handler.handle.bind(handler);
      const metrics = new ConsumerMetrics(registry);
      const options = {
        groupId: 'projector-members',
        topics: [TOPICS.profiles],
        handle,
        onFatal: fatal,
        metrics,
      };
      return new BatchConsumer(kafka, options, health, logger);
    },
  };

  const server = await startHealthServer(config.HEALTH_PORT, health, registry);
  await producer.connect();
  const workers = names.map((name) => make[name]());
  await Promise.all(workers.map(async (worker) => worker.start()));
  return {
    async stop() {
      await Promise.all(workers.map((worker) => worker.stop()));
      await producer.disconnect();
      await dispose(client);
      await pool.end();
      await server.close();
    },
  };
}
