import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { Registry } from 'prom-client';
import { AuthorTextSealer, readWrappingKeys } from '#libs/author-keys';
import { Topics } from '#libs/contracts';
import { AccountRepository, AppendMetrics, EventStoreConnector, ReconnectingClient } from '#libs/event-store';
import { kafkaSettings, listTopics, Producer, ProducerMetrics, type Kafka } from '#libs/kafka';
import { postgresConnection, type Logger, type Pool } from '#libs/platform';
import { toPolicy } from '#libs/policy';
import {
  consumerProvider,
  KAFKA,
  kafkaProvider,
  LOGGER,
  NOW_MS,
  POOL,
  poolProvider,
  provideClass,
  rightsProvider,
  serviceProviders,
  type ServiceOptions,
} from '#libs/service';
import { ClockSync } from './clock-sync.js';
import { CommandApp } from './command-app.js';
import { CommandConfig, operatorSecretsOf } from './config.js';
import { registerAccountCacheMetrics } from './deciding/account-cache.js';
import { AccountCommandHandler } from './deciding/account-command-handler.js';
import { UnreadableAccounts } from './deciding/unreadable-accounts.js';
import { BatchPublisher, DEAD_LETTER_PRODUCER } from './intake/batch-publisher.js';
import { CommandBatchHandler, TEXT_SEALER } from './intake/command-batch-handler.js';
import { CommandClaims, createCommandClaims } from './intake/command-claims.js';
import { DeadLetterDeduplicator, readDeadLetteredKeys } from './intake/dead-letter-deduplicator.js';
import { CommandMetrics } from './intake/instrumentation.js';
import { OperatorSignatureCheck } from './intake/parse-batch.js';
import { ReplyTopicBreaker } from './intake/reply-topic-breaker.js';
import { commandRights } from './kafka-rights.js';
import { LogContinuity } from './log-continuity.js';
import { PartitionCountCheck } from './partition-count.js';

/** The maximum of commands per batch. Large batches share the cost of the statements in PostgreSQL. */
const BATCH_SIZE = 1_000;

/** The consumer handles four batches at a time, each with at most three statements at a time. */
const MAX_CONNECTIONS = 12;

/** Few, because a batch whose responses cannot be published is delivered again anyway. */
const SEND_RETRIES = 3;

@Module({})
export class CommandModule {
  static forRoot(options: ServiceOptions<CommandConfig>): DynamicModule {
    const { config } = options;
    const groupId = config.GROUP_PREFIX + config.COMMAND_GROUP;
    const topics = new Topics(config.TOPIC_PREFIX);
    const kafka = kafkaSettings(config);
    return {
      module: CommandModule,
      providers: [
        ...serviceProviders(CommandConfig, options),
        { provide: Topics, useValue: topics },
        poolProvider({ ...postgresConnection(config), app: 'command', max: MAX_CONNECTIONS }),
        kafkaProvider({ ...kafka, clientId: 'command' }),
        rightsProvider(kafka, commandRights(topics, groupId)),
        ...decidingProviders(config),
        ...publishingProviders(groupId),
        { provide: CommandClaims, inject: [POOL, NOW_MS], useFactory: createCommandClaims },
        CommandMetrics,
        { provide: OperatorSignatureCheck, useValue: new OperatorSignatureCheck(operatorSecretsOf(config)) },
        CommandBatchHandler,
        PartitionCountCheck,
        LogContinuity,
        consumerProvider(
          [CommandBatchHandler, PartitionCountCheck, Topics],
          (handler, partitions, topics) => ({
            groupId,
            topics: [topics.commands],
            batchSize: BATCH_SIZE,
            sessionTimeoutMs: config.KAFKA_SESSION_TIMEOUT,
            onAssigned: () => {
              handler.onRebalance();
              partitions.recheck();
            },
            handle: (messages) => handler.handle(messages),
            recordUndecodableBatch: (batch) => handler.recordUndecodableBatch(batch),
          }),
        ),
        ClockSync,
        CommandApp,
      ],
    };
  }
}

/** The accounts: they are read and appended, and decide the commands. */
const decidingProviders = (config: CommandConfig): readonly Provider[] => [
  {
    provide: ReconnectingClient,
    useFactory: () => {
      const connector = new EventStoreConnector(config);
      return new ReconnectingClient(
        () => connector.connect(),
        () => connector.isOutdated,
      );
    },
  },
  {
    provide: TEXT_SEALER,
    inject: [POOL],
    useFactory: (pool: Pool) => {
      const keys = config.TEXT_ENCRYPTION === 'on' ? readWrappingKeys(config) : undefined;
      return keys && new AuthorTextSealer(pool, keys);
    },
  },
  {
    provide: AccountRepository,
    inject: [ReconnectingClient, Registry, { token: TEXT_SEALER, optional: true }],
    useFactory: (client: ReconnectingClient, registry: Registry, sealer: AuthorTextSealer | undefined) =>
      new AccountRepository(client, undefined, undefined, new AppendMetrics(registry), sealer),
  },
  {
    provide: AccountCommandHandler,
    inject: [AccountRepository, Registry],
    useFactory: (accounts: AccountRepository, registry: Registry) => {
      const cacheBytes = config.ACCOUNT_CACHE_MIB * 2 ** 20;
      const handler = new AccountCommandHandler(accounts, toPolicy(config), cacheBytes);
      registerAccountCacheMetrics(registry, handler);
      return handler;
    },
  },
  UnreadableAccounts,
];

/** Responses, and dead letters. */
const publishingProviders = (groupId: string): readonly Provider[] => [
  provideClass(ProducerMetrics, Registry),
  {
    provide: Producer,
    inject: [KAFKA, ProducerMetrics],
    useFactory: (kafka: Kafka, metrics: ProducerMetrics) => new Producer(kafka, SEND_RETRIES, metrics),
  },
  {
    provide: DEAD_LETTER_PRODUCER,
    inject: [KAFKA],
    useFactory: (kafka: Kafka) => new Producer(kafka, SEND_RETRIES),
  },
  {
    provide: ReplyTopicBreaker,
    inject: [Topics, KAFKA, LOGGER],
    useFactory: (topics: Topics, kafka: Kafka, logger: Logger) =>
      new ReplyTopicBreaker(
        topics,
        () => listTopics(kafka),
        () => performance.now(),
        logger,
      ),
  },
  {
    provide: DeadLetterDeduplicator,
    inject: [Topics, KAFKA, NOW_MS],
    useFactory: ({ deadLetters }: Topics, kafka: Kafka, now: () => number) =>
      new DeadLetterDeduplicator(readDeadLetteredKeys(kafka, deadLetters, groupId), now),
  },
  BatchPublisher,
];
