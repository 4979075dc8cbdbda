import { Module, type DynamicModule } from '@nestjs/common';
import { Registry } from 'prom-client';
import { Topics } from '#libs/contracts';
import { kafkaSettings, TopicOffsets, type Kafka } from '#libs/kafka';
import { smtpConnection, SmtpSender } from '#libs/mail';
import { Health, postgresConnection, type Logger, type Pool } from '#libs/platform';
import { MemberDirectory, MemberSweeper, ProfileMetrics } from '#libs/profiles';
import {
  consumerProvider,
  KAFKA,
  kafkaProvider,
  LOGGER,
  NOW,
  POOL,
  poolProvider,
  provideClass,
  rightsProvider,
  serviceProviders,
  type ServiceOptions,
} from '#libs/service';
import { NotificationConfig } from './config.js';
import { MessageBatchHandler } from './consumer/message-batch-handler.js';
import { createTopicHandlers } from './consumer/topic-handlers.js';
import { notificationRights } from './kafka-rights.js';
import { PROFILE_TABLES, saveMembers } from './members/members.table.js';
import { NotificationApp } from './notification-app.js';
import { DeliveryMetrics, instrumentSmtp } from './sending/delivery-metrics.js';
import {
  createDeliverySettings,
  DELIVERY_SETTINGS,
  MailDelivery,
  type MailDeliverySettings,
} from './sending/mail-delivery.js';
import { OutboxWorker } from './sending/outbox-worker.js';

@Module({})
export class NotificationModule {
  static forRoot(options: ServiceOptions<NotificationConfig>): DynamicModule {
    const { config } = options;
    const groupId = config.GROUP_PREFIX + config.KAFKA_GROUP;
    const topics = new Topics(config.TOPIC_PREFIX);
    const kafka = kafkaSettings(config);
    return {
      module: NotificationModule,
      providers: [
        ...serviceProviders(NotificationConfig, options),
        { provide: Topics, useValue: topics },
        poolProvider({ ...postgresConnection(config), app: 'notification', max: 16, pipeline: true }),
        kafkaProvider({ ...kafka, clientId: 'notification' }),
        rightsProvider(kafka, notificationRights(topics, groupId)),
        provideClass(ProfileMetrics, Registry),
        {
          provide: SmtpSender,
          useFactory: () =>
            new SmtpSender({ ...smtpConnection(config), connections: config.SMTP_CONNECTIONS }),
        },
        {
          provide: DELIVERY_SETTINGS,
          inject: [NotificationConfig, NOW],
          useFactory: createDeliverySettings,
        },
        {
          provide: MailDelivery,
          inject: [POOL, SmtpSender, Registry, DELIVERY_SETTINGS, LOGGER],
          useFactory: (
            pool: Pool,
            smtp: SmtpSender,
            registry: Registry,
            settings: MailDeliverySettings,
            logger: Logger,
          ) => new MailDelivery(pool, instrumentSmtp(smtp, registry), settings, logger),
        },
        DeliveryMetrics,
        OutboxWorker,
        {
          provide: TopicOffsets,
          inject: [KAFKA, Topics],
          useFactory: (kafka: Kafka, topics: Topics) => new TopicOffsets(kafka, topics.profiles),
        },
        {
          provide: MemberDirectory,
          inject: [TopicOffsets, ProfileMetrics, LOGGER],
          useFactory: (offsets: TopicOffsets, metrics: ProfileMetrics, logger: Logger) =>
            new MemberDirectory(PROFILE_TABLES, saveMembers, () => offsets.read(), metrics, logger),
        },
        {
          provide: MemberSweeper,
          inject: [Topics, KAFKA, POOL, ProfileMetrics, Health, LOGGER],
          useFactory: (
            topics: Topics,
            kafka: Kafka,
            pool: Pool,
            metrics: ProfileMetrics,
            health: Health,
            logger: Logger,
          ) =>
            new MemberSweeper(
              {
                tables: PROFILE_TABLES,
                topic: topics.profiles,
                groupId,
                intervalMs: config.MEMBERS_SWEEP_INTERVAL,
                command: 'mail-ledger sweep-members --force',
              },
              kafka,
              pool,
              metrics,
              health,
              logger,
            ),
        },
        {
          provide: MessageBatchHandler,
          inject: [Topics, POOL, OutboxWorker, MemberDirectory, LOGGER],
          useFactory: (
            topics: Topics,
            pool: Pool,
            worker: OutboxWorker,
            directory: MemberDirectory,
            logger: Logger,
          ) =>
            new MessageBatchHandler(
              pool,
              createTopicHandlers(topics, directory),
              config.MAIL_MAX_AGE,
              () => worker.notify(),
              logger,
            ),
        },
        consumerProvider([MessageBatchHandler], (handler) => ({
          groupId,
          topics: handler.topics,
          fromBeginning: true,
          sessionTimeoutMs: config.KAFKA_SESSION_TIMEOUT,
          handle: (messages) => handler.handle(messages),
          recordUndecodableBatch: (batch) => handler.recordUndecodableBatch(batch),
        })),
        NotificationApp,
      ],
    };
  }
}
