import { Module, type DynamicModule } from '@nestjs/common';
import { Registry } from 'prom-client';
import { TOPICS } from '#libs/contracts';
import { AccountRepository, connectEventStore, type EventStoreDBClient } from '#libs/event-store';
import { BatchConsumer, createKafka, Producer, type Kafka } from '#libs/kafka';
import { createPool, Health, type Logger, type Pool } from '#libs/platform';
import { CommandApp } from './command-app.js';
import { policyOf, type CommandConfig } from './config.js';
import { AccountDecider } from './deciding/account-decider.js';
import { CommandIntake } from './intake/command-intake.js';
import { ReplyTopics } from './outcomes/reply-topics.js';

const KAFKA = Symbol('kafka');
const POOL = Symbol('pool');
const EVENT_STORE = Symbol('event store');

export interface CommandSetting {
  readonly config: CommandConfig;
  readonly logger: Logger;
  readonly now: () => Date;
  readonly fatal: (reason: string, error?: unknown) => void;
}

/** Who gets what. */
@Module({})
export class CommandModule {
  static with({ config, logger, now, fatal }: CommandSetting): DynamicModule {
    return {
      module: CommandModule,
      providers: [
        Health,
        Registry,
        {
          provide: KAFKA,
          useFactory: () => createKafka({ brokers: config.KAFKA_BROKERS, clientId: 'command' }, logger),
        },
        { provide: POOL, useFactory: () => createPool({ url: config.DATABASE_URL, app: 'command' }, logger) },
        { provide: EVENT_STORE, useFactory: () => connectEventStore(config.EVENTSTORE_URL) },
        { provide: Producer, inject: [KAFKA], useFactory: (kafka: Kafka) => new Producer(kafka) },
        {
          provide: AccountDecider,
          inject: [EVENT_STORE],
          useFactory: (client: EventStoreDBClient) =>
            new AccountDecider(
              new AccountRepository(client),
              policyOf(config),
              config.ACCOUNT_CACHE_MIB * 2 ** 20,
            ),
        },
        {
          provide: ReplyTopics,
          inject: [KAFKA],
          useFactory: (kafka: Kafka) => new ReplyTopics(topicLister(kafka), () => now().getTime(), logger),
        },
        {
          provide: CommandIntake,
          inject: [AccountDecider, POOL, Producer, ReplyTopics],
          useFactory: (decider: AccountDecider, pool: Pool, producer: Producer, topics: ReplyTopics) =>
            new CommandIntake(decider, pool, producer, topics, now, logger),
        },
        {
          provide: BatchConsumer,
          inject: [KAFKA, CommandIntake, Health],
          useFactory: (kafka: Kafka, intake: CommandIntake, health: Health) =>
            new BatchConsumer(
              kafka,
              {
                groupId: config.COMMAND_GROUP,
                topics: [TOPICS.commands],
                handle: (messages) => intake.handle(messages),
                onFatal: fatal,
              },
              health,
              logger,
            ),
        },
        {
          provide: CommandApp,
          inject: [BatchConsumer, Producer, POOL, EVENT_STORE, Health, Registry],
          useFactory: (
            consumer: BatchConsumer,
            producer: Producer,
            pool: Pool,
            client: EventStoreDBClient,
            health: Health,
            metrics: Registry,
          ) =>
            new CommandApp({ consumer, producer, pool, client, health, metrics, port: config.HEALTH_PORT }),
        },
      ],
    };
  }
}

/** One short connection a question: it is asked seldom. */
const topicLister = (kafka: Kafka) => async () => {
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await admin.listTopics();
  } finally {
    await admin.disconnect();
  }
};
