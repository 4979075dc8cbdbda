import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import type { KafkaUnderTest } from '../../support/under-test.js';
import { composed } from './compose.js';
import { startContainer, stopContainer, type ServerContainer } from './container.js';
import { containerHost } from './docker.js';

const PORT = 9092;

/**
 * A broker tells its clients where it is, so it must know its port outside before it starts.
 * @param host where clients reach the engine's containers
 * @param port outside
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

export async function startKafkaContainer(): Promise<KafkaUnderTest> {
  const host = await containerHost();
  const port = await freePort();
  const container = await startContainer(kafkaContainer(host, port));
  return { brokers: [`${host}:${port}`], stop: () => stopContainer(container) };
}

/** Free on this machine, that is, and most likely where the engine runs. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await once(server.close(), 'close');
  return port;
}
