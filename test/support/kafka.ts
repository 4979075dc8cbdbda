import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startKafkaContainer } from '../servers/containers/kafka.js';
import { LocalKafka } from '../servers/kafka/cluster.js';
import { DevBroker } from './dev-broker.js';
import { realServers } from './real-servers.js';
import type { KafkaUnderTest } from './under-test.js';

export type { KafkaUnderTest };

/** The cluster at KAFKA_BROKERS (`host:port`, comma separated) or, without that, one of its own as TEST_SERVERS asks. */
export async function kafkaUnderTest(): Promise<KafkaUnderTest> {
  const cluster = process.env['KAFKA_BROKERS'];
  if (cluster) return { brokers: cluster.split(','), stop: () => Promise.resolve() };
  if (realServers().has('containers')) return startKafkaContainer();
  const kafka = await kafkaUnderControl();
  return { brokers: kafka.brokers.split(','), stop: () => kafka.stop() };
}

/** Brokers that can be gone for a while, and then are where they were, with all that they had. */
export interface KafkaUnderControl {
  /** `host:port`, comma separated. */
  readonly brokers: string;
  /** SIGKILL. */
  kill(): Promise<void>;
  startAgain(): Promise<void>;
  stop(): Promise<void>;
}

/** An Apache Kafka of this machine where TEST_SERVERS asks for one, else a development broker. */
export async function kafkaUnderControl(): Promise<KafkaUnderControl> {
  if (realServers().has('kafka')) return localKafka();
  const dataDir = await mkdtemp(join(tmpdir(), 'kafka-under-test-'));
  const broker = await DevBroker.start({ dataDir });
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
 * @throws with its reason when Kafka does not start
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
