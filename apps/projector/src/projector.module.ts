import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { Module, type DynamicModule, type FactoryProvider, type Provider } from '@nestjs/common';
import { Registry } from 'prom-client';
import { accountStateProjection, toAccountEvent } from '#libs/account-state';
import { AuthorTextOpener, readWrappingKeys } from '#libs/author-keys';
import { Topics } from '#libs/contracts';
import {
  decodeEvent,
  EventStoreConnector,
  RenewingClient,
  type RawEvent,
  type StoredEvent,
} from '#libs/event-store';
import type { InvitationEvent } from '#libs/invitation';
import { kafkaSettings, Producer, ProducerMetrics, type Kafka, type ProducerMessage } from '#libs/kafka';
import { Health, postgresConnection } from '#libs/platform';
import type { RowProjection } from '#libs/projection';
import {
  accountRestrictionProjection,
  archiveProjection,
  connectionsProjection,
  inboxProjection,
  remindersProjection,
  sentProjection,
} from '#libs/read-models';
import {
  KAFKA,
  kafkaProvider,
  LOGGER,
  POOL,
  poolProvider,
  provideClass,
  rightsProvider,
  serviceProviders,
  type ServiceOptions,
} from '#libs/service';
import { ProjectorConfig } from './config.js';
import { projectorRights } from './kafka-rights.js';
import { membersProviders, MembersWorker } from './members/members.worker.js';
import { EVENT_STORE, ProjectionWorkers, REPLICA, TEXT_OPENER } from './projection-workers.js';
import { ProjectorApp } from './projector-app.js';
import { toPublishedMessage } from './publisher/integration-event.mapper.js';
import { createConnectionRecorder } from './record-connections/record-connections.worker.js';
import { createExpiryPoller, ExpiryPoller } from './expiry/expiry-poller.worker.js';
import { createReminderPoller, ReminderPoller } from './reminders/reminder-poller.worker.js';
import { composeWorkers, SELECTED_WORKERS, type Worker, type WorkerName } from './workers.js';

@Module({})
export class ProjectorModule {
  /** Provides only the workers that the configuration names. */
  static forRoot(options: ServiceOptions<ProjectorConfig>): DynamicModule {
    const { config } = options;
    const topics = new Topics(config.TOPIC_PREFIX);
    const kafka = kafkaSettings(config);
    const names = [...new Set(config.WORKERS)];
    // The random part keeps a restarted process on the same host from inheriting the leases of the former one.
    const replica = `${hostname()}-${randomBytes(4).toString('hex')}`;
    return {
      module: ProjectorModule,
      providers: [
        ...serviceProviders(ProjectorConfig, options),
        { provide: Topics, useValue: topics },
        { provide: REPLICA, useValue: replica },
        poolProvider({
          ...postgresConnection(config),
          app: `projector ${replica}`,
          // One connection for the batch and one for the heartbeat of each worker, so that none waits for another.
          max: 2 * names.length + 1,
          // The statements of a batch are on their way at once.
          pipeline: true,
          idleInTransactionTimeoutMs: config.LEASE_TTL,
        }),
        kafkaProvider({ ...kafka, clientId: 'projector' }),
        rightsProvider(kafka, projectorRights(topics, config.GROUP_PREFIX, names)),
        { provide: TEXT_OPENER, useFactory: () => new AuthorTextOpener(readWrappingKeys(config) ?? []) },
        { provide: EVENT_STORE, useFactory: () => new RenewingClient(new EventStoreConnector(config)) },
        provideClass(ProducerMetrics, Registry),
        {
          provide: Producer,
          inject: [KAFKA, ProducerMetrics],
          useFactory: (kafka: Kafka, metrics: ProducerMetrics) => new Producer(kafka, undefined, metrics),
        },
        ProjectionWorkers,
        ...names.flatMap(workerProviders),
        {
          provide: SELECTED_WORKERS,
          inject: names.map(tokenOf),
          useFactory: (...workers: readonly Worker[]) => workers,
        },
        ProjectorApp,
      ],
    };
  }
}

const workerProviders = (name: WorkerName): Provider[] => {
  const { worker, needs } = WORKER_PROVIDERS[name];
  return [...needs, { ...worker, provide: tokenOf(name) }];
};

const tokenOf = (name: WorkerName): string => `worker ${name}`;

interface WorkerProvider {
  readonly worker: Pick<FactoryProvider<Worker>, 'inject' | 'useFactory'>;
  /** Providers that only this worker needs. */
  readonly needs: readonly Provider[];
}

const toInvitationEvent = (raw: RawEvent): InvitationEvent => decodeEvent(raw).event;

const rows = <Row extends object>(projection: RowProjection<InvitationEvent, Row>): WorkerProvider =>
  rowsOf(projection, toInvitationEvent);

const rowsWithTexts = <Row extends object>(projection: RowProjection<InvitationEvent, Row>): WorkerProvider =>
  rowsOf(projection, toInvitationEvent, true);

const rowsOf = <Event, Row extends object>(
  projection: RowProjection<Event, Row>,
  decode: (raw: RawEvent) => Event,
  needsTexts = false,
): WorkerProvider => ({
  worker: {
    inject: [ProjectionWorkers],
    useFactory: (workers: ProjectionWorkers) => workers.rows(projection, decode, needsTexts),
  },
  needs: [],
});

const messages = (
  name: WorkerName,
  messageAfter: (event: StoredEvent, topics: Topics) => ProducerMessage | undefined,
  needsTexts = false,
): WorkerProvider => ({
  worker: {
    inject: [ProjectionWorkers, Topics],
    useFactory: (workers: ProjectionWorkers, topics: Topics) =>
      workers.messages(name, (event) => messageAfter(event, topics), needsTexts),
  },
  needs: [],
});

const WORKER_PROVIDERS: Record<WorkerName, WorkerProvider> = {
  inbox: rowsWithTexts(inboxProjection),
  archive: rowsWithTexts(archiveProjection),
  sent: rowsWithTexts(sentProjection),
  connections: rows(connectionsProjection),
  'account-restriction': rows(accountRestrictionProjection),
  'account-state': rowsOf(accountStateProjection, toAccountEvent),
  'record-connections': {
    worker: {
      inject: [ProjectionWorkers, Topics, EVENT_STORE],
      useFactory: (workers: ProjectionWorkers, topics: Topics, client: RenewingClient) =>
        createConnectionRecorder(workers, topics, client),
    },
    needs: [],
  },
  reminders: {
    worker: {
      inject: [ProjectionWorkers, ReminderPoller, ExpiryPoller],
      useFactory: (workers: ProjectionWorkers, reminders: ReminderPoller, expiry: ExpiryPoller) =>
        composeWorkers(workers.rows(remindersProjection, toInvitationEvent), reminders, expiry),
    },
    needs: [
      {
        provide: ReminderPoller,
        inject: [ProjectorConfig, Topics, POOL, Producer, Registry, Health, LOGGER],
        useFactory: createReminderPoller,
      },
      {
        provide: ExpiryPoller,
        inject: [ProjectorConfig, Topics, POOL, Producer, Registry, Health, LOGGER],
        useFactory: createExpiryPoller,
      },
    ],
  },
  publisher: messages('publisher', toPublishedMessage, true),
  members: {
    worker: { inject: [MembersWorker], useFactory: (worker: MembersWorker) => worker },
    needs: membersProviders,
  },
};
