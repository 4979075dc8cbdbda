import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startKafkaContainer } from './servers/containers/kafka.js';
import { LocalKafka } from './servers/kafka/cluster.js';
import { DevBroker } from './dev-broker.js';
import { realServers } from './real-servers.js';
import { hasSharedServers, openSharedServer } from './shared-servers.js';
import type { TestKafka } from './test-servers.js';

export type { TestKafka };

/** Settings of a development broker only. */
export interface DevelopmentSettings {
  /** The minimum session timeout of a group's member. */
  readonly groupMinSessionTimeoutMs?: number;
}

/** Opens the cluster at KAFKA_BROKERS (`host:port`, comma separated), or a new one according to TEST_SERVERS. */
export async function openTestKafka(settings: DevelopmentSettings = {}): Promise<TestKafka> {
  const cluster = process.env['KAFKA_BROKERS'];
  if (cluster) return { brokers: cluster.split(','), stop: () => Promise.resolve() };
  if (realServers().has('containers')) return startKafkaContainer();
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
  /** Sends SIGKILL. */
  kill(): Promise<void>;
  startAgain(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts an Apache Kafka on this machine if TEST_SERVERS asks for it, otherwise a development broker. */
export async function kafkaUnderControl(settings: DevelopmentSettings = {}): Promise<KafkaUnderControl> {
  if (realServers().has('kafka')) return localKafka();
  const dataDir = await mkdtemp(join(tmpdir(), 'test-kafka-'));
  const broker = await DevBroker.start({ dataDir, ...settings });
  return {
    brokers: broker.brokers,
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
export async function localKafka(brokers: 1 | 3 = 1): Promise<LocalKafka> {
  const delay = Number(process.env['TEST_REBALANCE_DELAY_MS'] ?? 0);
  const kafka = new LocalKafka({ brokers, initialRebalanceDelayMs: delay });
  try {
    return await kafka.start();
  } catch (error) {
    await kafka.stop();
    throw error;
  }
}
