import { findFreePort } from '../../ports.js';
import type { TestKafka } from '../../test-servers.js';
import { composed } from './compose.js';
import { startContainer, stopContainer, type ServerContainer } from './container.js';
import { containerHost } from './docker.js';

const PORT = 9092;

/**
 * A broker announces its address to clients, so its outside port must be known before it starts.
 * @param host the host of the engine's containers
 * @param port the outside port
 */
export function kafkaContainer(host: string, port: number): ServerContainer {
  const { image, environment } = composed('kafka');
  return {
    image,
    environment: {
      ...environment,
      KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
      KAFKA_ADVERTISED_LISTENERS: `INSIDE://localhost:29092,OUTSIDE://${host}:${port}`,
      KAFKA_LOG_DIRS: '/tmp/kafka',
    },
    ports: [{ container: PORT, host: port }],
    ready: { log: /Kafka Server started/ },
  };
}

export async function startKafkaContainer(): Promise<TestKafka> {
  const host = await containerHost();
  const port = await findFreePort();
  const container = await startContainer(kafkaContainer(host, port));
  return { brokers: [`${host}:${port}`], stop: () => stopContainer(container) };
}
