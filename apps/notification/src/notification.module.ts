import { Module, type DynamicModule } from '@nestjs/common';
import { Registry } from 'prom-client';
import { BatchConsumer, ConsumerMetrics, createKafka } from '#libs/kafka';
import { SmtpSender } from '#libs/mail';
import { createPool, Health, measurePool, type Logger, type Pool } from '#libs/platform';
import type { NotificationConfig } from './config.js';
import { Deliverer } from './deliveries/deliverer.js';
import { measuredSmtp } from './deliveries/measured-smtp.js';
import { DeliveryMetrics } from './deliveries/metrics.js';
import { Sender } from './deliveries/sender.js';
import { DELIVERY_TIMES } from './deliveries/times.js';
import { HANDLERS } from './handlers.js';
import { Intake } from './intake/intake.js';
import { linksOf } from './links.js';
import { NotificationApp } from './notification-app.js';

const POOL = Symbol('pool');

export interface NotificationSetting {
  readonly config: NotificationConfig;
  readonly logger: Logger;
  readonly now: () => Date;
  readonly fatal: (reason: string, error?: unknown) => void;
}

/** Who gets what. */
@Module({})
export class NotificationModule {
  static with({ config, logger, now, fatal }: NotificationSetting): DynamicModule {
    const times = { ...DELIVERY_TIMES, claimMs: config.DELIVERY_CLAIM };
    const unclear = config.UNCLEAR_DELIVERY;
    const connections = config.SMTP_CONNECTIONS;
    return {
      module: NotificationModule,
      providers: [
        Health,
        Registry,
        {
          provide: POOL,
          inject: [Registry],
          useFactory: (registry: Registry) =>
            measurePool(
              registry,
              createPool({ url: config.DATABASE_URL, app: 'notification', max: 16, pipeline: true }, logger),
            ),
        },
        {
          provide: SmtpSender,
          useFactory: () => new SmtpSender({ url: config.SMTP_URL, connections }),
        },
        {
          provide: DeliveryMetrics,
          inject: [Registry, POOL],
          useFactory: (registry: Registry, pool: Pool) => new DeliveryMetrics(registry, pool, logger),
        },
        {
          provide: Deliverer,
          inject: [POOL, SmtpSender, Registry],
          useFactory: (pool: Pool, smtp: SmtpSender, registry: Registry) =>
            new Deliverer(
              pool,
              measuredSmtp(smtp, registry),
              {
                from: config.MAIL_FROM,
                links: linksOf(config, now),
                invitationIntervalMs: config.INVITATION_MAIL_INTERVAL,
                connections,
                unclear,
                times,
              },
              logger,
            ),
        },
        {
          provide: Sender,
          inject: [POOL, Deliverer, DeliveryMetrics, Health],
          useFactory: (pool: Pool, deliverer: Deliverer, metrics: DeliveryMetrics, health: Health) =>
            new Sender(pool, deliverer, { connections, unclear, times }, metrics, health, logger),
        },
        {
          provide: Intake,
          inject: [POOL, Sender],
          useFactory: (pool: Pool, sender: Sender) =>
            new Intake(pool, HANDLERS, () => sender.nudge(), logger),
        },
        {
          provide: BatchConsumer,
          inject: [Intake, Health, Registry],
          useFactory: (intake: Intake, health: Health, registry: Registry) =>
            new BatchConsumer(
              createKafka({ brokers: config.KAFKA_BROKERS, clientId: 'notification' }, logger),
              {
                groupId: config.KAFKA_GROUP,
                topics: intake.topics,
                fromBeginning: true,
                sessionTimeoutMs: config.KAFKA_SESSION_TIMEOUT,
                handle: (messages) => intake.handle(messages),
                onFatal: fatal,
                metrics: new ConsumerMetrics(registry),
              },
              health,
              logger,
            ),
        },
        {
          provide: NotificationApp,
          inject: [BatchConsumer, Sender, SmtpSender, POOL, Health, Registry],
          useFactory: (
            consumer: BatchConsumer,
            sender: Sender,
            smtp: SmtpSender,
            pool: Pool,
            health: Health,
            metrics: Registry,
          ) =>
            new NotificationApp({
              consumer,
              sender,
              smtp,
              pool,
              health,
              metrics,
              port: config.HEALTH_PORT,
              logger,
            }),
        },
      ],
    };
  }
}
