import { Module, type DynamicModule } from '@nestjs/common';
import { Registry } from 'prom-client';
import { Topics } from '#libs/contracts';
import { kafkaSettings } from '#libs/kafka';
import { smtpConnection, SmtpSender } from '#libs/mail';
import { postgresConnection, type Logger, type Pool } from '#libs/platform';
import { MemberDirectory } from '#libs/profiles';
import {
  consumerProvider,
  kafkaProvider,
  LOGGER,
  NOW,
  POOL,
  poolProvider,
  rightsProvider,
  serviceProviders,
  type ServiceOptions,
} from '#libs/service';
import { createDeliverySettings, NotificationConfig } from './config.js';
import { MessageBatchHandler } from './consumer/message-batch-handler.js';
import { createTopicHandlers } from './consumer/topic-handlers.js';
import { notificationRights } from './kafka-rights.js';
import { membersProviders } from './members/members.providers.js';
import { NotificationApp } from './notification-app.js';
import { DeliveryMetrics, instrumentSmtp } from './sending/delivery-metrics.js';
import { DELIVERY_SETTINGS, MailDelivery, type MailDeliverySettings } from './sending/mail-delivery.js';
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
        ...membersProviders,
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
