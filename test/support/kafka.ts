import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startKafkaContainer } from './servers/containers/kafka.js';
import { LocalKafka } from './servers/kafka/cluster.js';
import { DevBroker } from './dev-broker.js';
import { realServers } from './real-servers.js';
import { environmentsOfApps, securedKafka } from './secured-kafka.js';
import { hasSharedServers, openSharedServer } from './shared-servers.js';
import type { TestKafka } from './test-servers.js';

export type { TestKafka };

/** Settings of a development broker only. */
export interface DevelopmentSettings {
  /** The minimum session timeout of a group's member. */
  readonly groupMinSessionTimeoutMs?: number;
}

/**
 * Opens the cluster at KAFKA_BROKERS (`host:port`, comma separated), or a new one according to TEST_SERVERS; with
 * TEST_KAFKA_LOGINS, one that also has the users of the manifests, with their ACLs.
 */
export async function openTestKafka(settings: DevelopmentSettings = {}): Promise<TestKafka> {
  const cluster = process.env['KAFKA_BROKERS'];
  if (cluster) return { brokers: cluster.split(','), stop: () => Promise.resolve() };
  if (realServers().has('containers')) return startKafkaContainer();
  if (hasKafkaLogins()) {
    const kafka = await securedKafka({ initialRebalanceDelayMs: rebalanceDelayMs() });
    await kafka.grantAsDeployed();
    return { ...kafka, brokers: kafka.brokers.split(',') };
  }
  if (hasSharedServers() && !realServers().has('kafka')) {
    const server = await openSharedServer('kafka', settings);
    return { brokers: [server.brokers], stop: () => server.stop() };
  }
  const kafka = await kafkaUnderControl(settings);
  return { brokers: kafka.brokers.split(','), stop: () => kafka.stop() };
}

/** Brokers that can be stopped for a while and return with their ports and data. */
export interface KafkaUnderControl {
  /** `host:port`, comma separated. */
  readonly brokers: string;
  /** The environment of `npm start`. With TEST_KAFKA_LOGINS, each app has a login of its own. */
  readonly env: Readonly<Record<string, string>>;
  /** Sends SIGKILL. */
  kill(): Promise<void>;
  startAgain(): Promise<void>;
  stop(): Promise<void>;
}

/** A cluster whose nodes can be killed one by one, by their ids from 1 on. */
export interface ClusterUnderControl extends KafkaUnderControl {
  kill(id?: number): Promise<void>;
}

/** Starts an Apache Kafka on this machine if TEST_SERVERS asks for it, otherwise a development broker. */
export async function kafkaUnderControl(settings: DevelopmentSettings = {}): Promise<KafkaUnderControl> {
  if (realServers().has('kafka')) return localKafka();
  const dataDir = await mkdtemp(join(tmpdir(), 'test-kafka-'));
  const broker = await DevBroker.start({ dataDir, ...settings });
  return {
    brokers: broker.brokers,
    env: { KAFKA_BROKERS: broker.brokers },
    kill: () => broker.kill(),
    startAgain: () => broker.startAgain(),
    async stop() {
      await broker.stop();
      await rm(dataDir, { recursive: true });
    },
  };
}

/**
 * @param brokers one or three
 * @throws with the reason when Kafka does not start
 */
export async function localKafka(brokers: 1 | 3 = 1): Promise<ClusterUnderControl> {
  const initialRebalanceDelayMs = rebalanceDelayMs();
  if (hasKafkaLogins()) {
    const secured = await securedKafka({ brokers, initialRebalanceDelayMs });
    return { ...secured, env: await environmentsOfApps(secured) };
  }
  const kafka = new LocalKafka({ brokers, initialRebalanceDelayMs });
  try {
    await kafka.start();
  } catch (error) {
    await kafka.stop();
    throw error;
  }
  return {
    brokers: kafka.brokers,
    env: { KAFKA_BROKERS: kafka.brokers },
    kill: (id) => kafka.kill(id),
    startAgain: () => kafka.startAgain(),
    stop: () => kafka.stop(),
  };
}

const rebalanceDelayMs = () => Number(process.env['TEST_REBALANCE_DELAY_MS'] ?? 0);

/** Whether the Apache Kafka of a test has logins and ACLs. */
export const hasKafkaLogins = (): boolean =>
  realServers().has('kafka') && Boolean(process.env['TEST_KAFKA_LOGINS']);
