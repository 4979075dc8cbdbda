import { Module, type DynamicModule } from '@nestjs/common';
import { Registry } from 'prom-client';
import { TOPICS } from '#libs/contracts';
import { AccountRepository, AppendMetrics, connectEventStore, WritingClient } from '#libs/event-store';
import {
  BatchConsumer,
  ConsumerMetrics,
  createKafka,
  Producer,
  ProducerMetrics,
  type Kafka,
} from '#libs/kafka';
import { createPool, Health, measurePool, type Logger, type Pool } from '#libs/platform';
import { untilClocksAgree } from './clocks.js';
import { CommandApp } from './command-app.js';
import { policyOf, type CommandConfig } from './config.js';
import { AccountDecider } from './deciding/account-decider.js';
import { measureCache } from './deciding/cache-metrics.js';
import { CommandIntake } from './intake/command-intake.js';
import { CommandMetrics } from './intake/command-metrics.js';
import { placesOfDeadLetters } from './intake/places-of-dead-letters.js';
import { PublishedDeadLetters } from './intake/published-dead-letters.js';
import { ReplyTopics } from './outcomes/reply-topics.js';

/** All that a fetch brings of one partition: what is done once a chunk, in PostgreSQL above all, costs each command little. */
const COMMANDS_AT_ONCE = 1_000;

const KAFKA = Symbol('kafka');
const POOL = Symbol('pool');

/** A chunk whose answers cannot be published comes again anyway; a reply topic that was deleted is not to hold it up. */
const SEND_RETRIES = 3;

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
        {
          provide: POOL,
          inject: [Registry],
          useFactory: (registry: Registry) =>
            measurePool(registry, createPool({ url: config.DATABASE_URL, app: 'command' }, logger)),
        },
        {
          provide: WritingClient,
          useFactory: () => new WritingClient(() => connectEventStore(config.EVENTSTORE_URL)),
        },
        {
          provide: Producer,
          inject: [KAFKA, Registry],
          useFactory: (kafka: Kafka, registry: Registry) =>
            new Producer(kafka, SEND_RETRIES, new ProducerMetrics(registry)),
        },
        {
          provide: AccountDecider,
          inject: [WritingClient, Registry],
          useFactory: (client: WritingClient, registry: Registry) => {
            const accounts = new AccountRepository(client, undefined, undefined, new AppendMetrics(registry));
            const cacheBytes = config.ACCOUNT_CACHE_MIB * 2 ** 20;
            const decider = new AccountDecider(accounts, policyOf(config), cacheBytes);
            measureCache(registry, decider);
            return decider;
          },
        },
        {
          provide: ReplyTopics,
          inject: [KAFKA],
          useFactory: (kafka: Kafka) => new ReplyTopics(topicLister(kafka), () => now().getTime(), logger),
        },
        {
          provide: PublishedDeadLetters,
          inject: [KAFKA],
          useFactory: (kafka: Kafka) =>
            new PublishedDeadLetters(placesOfDeadLetters(kafka, config.COMMAND_GROUP), () => now().getTime()),
        },
        {
          provide: CommandIntake,
          inject: [AccountDecider, POOL, Producer, ReplyTopics, PublishedDeadLetters, Registry],
          useFactory: (
            decider: AccountDecider,
            pool: Pool,
            producer: Producer,
            topics: ReplyTopics,
            deadLetters: PublishedDeadLetters,
            registry: Registry,
          ) => {
            const metrics = new CommandMetrics(registry);
            return new CommandIntake(decider, pool, producer, topics, deadLetters, metrics, now, logger);
          },
        },
        {
          provide: BatchConsumer,
          inject: [KAFKA, CommandIntake, PublishedDeadLetters, Health, Registry],
          useFactory: (
            kafka: Kafka,
            intake: CommandIntake,
            deadLetters: PublishedDeadLetters,
            health: Health,
            registry: Registry,
          ) =>
            new BatchConsumer(
              kafka,
              {
                groupId: config.COMMAND_GROUP,
                topics: [TOPICS.commands],
                chunkSize: COMMANDS_AT_ONCE,
                sessionTimeoutMs: config.KAFKA_SESSION_TIMEOUT,
                onAssigned: () => deadLetters.forget(),
                handle: (messages) => intake.handle(messages),
                onFatal: fatal,
                metrics: new ConsumerMetrics(registry),
              },
              health,
              logger,
            ),
        },
        {
          provide: CommandApp,
          inject: [BatchConsumer, Producer, POOL, WritingClient, Health, Registry],
          useFactory: (
            consumer: BatchConsumer,
            producer: Producer,
            pool: Pool,
            client: WritingClient,
            health: Health,
            metrics: Registry,
          ) =>
            new CommandApp({
              consumer,
              producer,
              pool,
              client,
              health,
              metrics,
              port: config.HEALTH_PORT,
              untilClocksAgree: () => untilClocksAgree(client, health, () => now().getTime(), logger),
            }),
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
