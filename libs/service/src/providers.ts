import type { FactoryProvider, InjectionToken, Provider, Type } from '@nestjs/common';
import { Registry } from 'prom-client';
import {
  BatchConsumer,
  ConsumerMetrics,
  createKafka,
  describePrincipal,
  KafkaRightsCheck,
  type BatchConsumerOptions,
  type Kafka,
  type KafkaRight,
  type KafkaSettings,
} from '#libs/kafka';
import {
  createPool,
  Health,
  registerPoolMetrics,
  type Fatal,
  type Logger,
  type PoolSettings,
} from '#libs/platform';
import { FATAL, KAFKA, LOGGER, NOW, NOW_MS, POOL } from './tokens.js';

/** What the module of each service is composed with. */
export interface ServiceOptions<Config extends object> {
  readonly config: Config;
  readonly logger: Logger;
  readonly now: () => Date;
  readonly fatal: Fatal;
}

/** The options as providers, the configuration under its class; and the readiness and the metrics of the process. */
export const serviceProviders = <Config extends object>(
  configClass: Type<Config>,
  { config, logger, now, fatal }: ServiceOptions<Config>,
): Provider[] => [
  Health,
  Registry,
  { provide: configClass, useValue: config },
  { provide: LOGGER, useValue: logger },
  { provide: NOW, useValue: now },
  { provide: NOW_MS, useValue: () => now().getTime() },
  { provide: FATAL, useValue: fatal },
];

/** The connections to PostgreSQL, with their metrics. */
export const poolProvider = (settings: PoolSettings): Provider => ({
  provide: POOL,
  inject: [Registry, LOGGER],
  useFactory: (registry: Registry, logger: Logger) =>
    registerPoolMetrics(registry, createPool(settings, logger)),
});

export const kafkaProvider = (settings: KafkaSettings): Provider => ({
  provide: KAFKA,
  inject: [LOGGER],
  useFactory: (logger: Logger) => createKafka(settings, logger),
});

/** Whether the service may do what it does with topics and groups: see KafkaRightsCheck. */
export const rightsProvider = (
  { login, tls }: Omit<KafkaSettings, 'clientId'>,
  rights: readonly KafkaRight[],
): Provider => ({
  provide: KafkaRightsCheck,
  inject: [KAFKA, Health, LOGGER],
  useFactory: (kafka: Kafka, health: Health, logger: Logger) =>
    new KafkaRightsCheck(kafka, describePrincipal(login, tls), rights, health, logger),
});

/**
 * The consumer of a service's topics. It ends the process if it cannot go on.
 * @param inject tokens of the arguments of `optionsOf`
 */
export const consumerProvider = <Dependencies extends unknown[]>(
  inject: { [Index in keyof Dependencies]: InjectionToken<Dependencies[Index]> },
  optionsOf: (...dependencies: Dependencies) => Omit<BatchConsumerOptions, 'onFatal' | 'metrics'>,
): FactoryProvider<BatchConsumer> => ({
  provide: BatchConsumer,
  inject: [KAFKA, Registry, FATAL, Health, LOGGER, ...inject],
  useFactory: (
    kafka: Kafka,
    registry: Registry,
    onFatal: Fatal,
    health: Health,
    logger: Logger,
    ...dependencies: unknown[]
  ) => {
    const metrics = new ConsumerMetrics(registry);
    const options = { ...optionsOf(...(dependencies as Dependencies)), onFatal, metrics };
    return new BatchConsumer(kafka, options, health, logger);
  },
});

/**
 * Provides a class that has no decorators, because the tools use its library without Nest.
 * @param inject tokens of the constructor's arguments
 */
export const provideClass = <Arguments extends unknown[], Instance>(
  type: new (...args: Arguments) => Instance,
  ...inject: { [Index in keyof Arguments]: InjectionToken }
): FactoryProvider<Instance> => ({
  provide: type,
  inject,
  useFactory: (...args: unknown[]) => new type(...(args as Arguments)),
});
