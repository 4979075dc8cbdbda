import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startKafka } from '../../libs/dev-servers/src/kafka/start.js';

export interface KafkaUnderTest {
  readonly brokers: string[];
  stop(): Promise<void>;
}

/** The cluster at KAFKA_BROKERS (`host:port`, comma separated) or, without that, a development broker of its own. */
export async function kafkaUnderTest(): Promise<KafkaUnderTest> {
  const cluster = process.env['KAFKA_BROKERS'];
  if (cluster) return { brokers: cluster.split(','), stop: () => Promise.resolve() };
  const dataDir = await mkdtemp(join(tmpdir(), 'kafka-under-test-'));
  const server = await startKafka({ dataDir });
  return {
    brokers: [server.addresses.brokers],
    async stop() {
      await server.stop();
      await rm(dataDir, { recursive: true });
    },
  };
}
