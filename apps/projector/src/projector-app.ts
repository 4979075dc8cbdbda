import { Registry } from 'prom-client';
import { TOPICS } from '#libs/contracts';
import { accountLog, connectEventStore, type LoggedEvent } from '#libs/event-store';
import type { InvitationEvent } from '#libs/invitation';
import { BatchConsumer, createKafka, Producer, type Outgoing } from '#libs/kafka';
import { createPool, Health, startHealthServer, type Logger, type Running } from '#libs/platform';
import { ProjectionRunner, rowSink, type RowProjection, type Source } from '#libs/projection';
import {
  accountRestrictionProjection,
  archiveProjection,
  connectionsProjection,
  inboxProjection,
  sentProjection,
} from '#libs/read-models';
import type { ProjectorConfig } from './config.js';
import { MembersHandler } from './members/members-handler.js';
import { kafkaSink } from './kafka-sink.js';
import { publishedMessage } from './publisher/published-message.js';
import { commandMessage } from './record-connections/command-message.js';
import { commandAfter } from './record-connections/record-connection.process.js';
import type { Worker, WorkerName } from './workers.js';

/** Starts the workers that this process is to run. */
export async function startProjector(
  config: ProjectorConfig,
  logger: Logger,
  fatal: (reason: string, error?: unknown) => void,
): Promise<Running> {
  const health = new Health();
  const pool = createPool({ url: config.DATABASE_URL, app: 'projector' }, logger);
  const client = connectEventStore(config.EVENTSTORE_URL);
  const kafka = createKafka({ brokers: config.KAFKA_BROKERS, clientId: 'projector' }, logger);
  const producer = new Producer(kafka);

  const logged: Source<LoggedEvent> = async function* (after, signal) {
    for await (const event of accountLog(client, after, signal)) yield { event, position: event.position };
  };
  const domain: Source<InvitationEvent> = async function* (after, signal) {
    for await (const { event, position } of accountLog(client, after, signal)) yield { event, position };
  };
  function rows<Row extends object>(projection: RowProjection<InvitationEvent, Row>): Worker {
    return new ProjectionRunner(projection.name, domain, rowSink(pool, projection), health, logger);
  }
  function published(name: string, messageAfter: (event: LoggedEvent) => Outgoing | undefined): Worker {
    const sink = kafkaSink(pool, producer, name, messageAfter);
    return new ProjectionRunner(name, logged, sink, health, logger);
  }
  const make: Record<WorkerName, () => Worker> = {
    inbox: () => rows(inboxProjection),
    archive: () => rows(archiveProjection),
    sent: () => rows(sentProjection),
    connections: () => rows(connectionsProjection),
    'account-restriction': () => rows(accountRestrictionProjection),
    'record-connections': () =>
      published('record-connections', (event) => {
        const command = commandAfter(event);
        return command && commandMessage(command, new Date());
      }),
    publisher: () => published('publisher', publishedMessage),
    members: () => {
      const handler = new MembersHandler(pool, logger);
      const handle = handler.handle.bind(handler);
      const options = { groupId: 'projector-members', topics: [TOPICS.profiles], handle, onFatal: fatal };
      return new BatchConsumer(kafka, options, health, logger);
    },
  };

  const server = await startHealthServer(config.HEALTH_PORT, health, new Registry());
  await producer.connect();
  const workers = [...new Set(config.WORKERS)].map((name) => make[name]());
  await Promise.all(workers.map(async (worker) => worker.start()));
  return {
    async stop() {
      await Promise.all(workers.map((worker) => worker.stop()));
      await producer.disconnect();
      await client.dispose();
      await pool.end();
      await server.close();
    },
  };
}
