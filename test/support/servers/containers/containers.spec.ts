import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { KAFKA_VERSION } from '../kafka/fetch.js';
import type { Reached } from './container.js';
import { eventStoreContainer, eventStoreUrl } from './event-store.js';
import { kafkaContainer } from './kafka.js';
import { mailContainer, mailpitUrl, smtpUrl } from './mail.js';
import { postgresContainer, postgresUrl } from './postgres.js';

const CONTAINERS = [
  ['EventStoreDB', eventStoreContainer()],
  ['Kafka', kafkaContainer('docker.example', 40_092)],
  ['PostgreSQL', postgresContainer()],
  ['Mailpit', mailContainer()],
] as const;

/** A container whose ports outside are those inside plus 40,000. */
const reached: Reached = {
  getHost: () => 'docker.example',
  getMappedPort: (port: number | string) => Number.parseInt(String(port), 10) + 40_000,
};

describe('the containers of TEST_SERVERS=containers', () => {
  it.each(CONTAINERS)('use a pinned version that is deployed: %s', (_, { image }) => {
    expect(image).toMatch(/^[a-z/-]+:v?\d+\.\d+(\.\d+)?(-[a-z]+)?$/);
    expect(readFileSync('deploy/compose.yaml', 'utf8')).toContain(`image: ${image}\n`);
  });

  it('use EventStoreDB 24.10 and a PostgreSQL not older than 15', () => {
    expect(eventStoreContainer().image).toMatch(/^eventstore\/eventstore:24\.10\./);
    expect(Number(/:(\d+)/.exec(postgresContainer().image)![1])).toBeGreaterThanOrEqual(15);
  });

  it('use the Kafka version of npm run kafka:local', () => {
    expect(kafkaContainer('h', 1).image).toBe(`apache/kafka:${KAFKA_VERSION}`);
  });

  it('are ready when the server inside serves', () => {
    expect(CONTAINERS.map(([name, { ready }]) => [name, ready])).toEqual([
      ['EventStoreDB', { path: '/health/live', port: 2113 }],
      ['Kafka', { log: /Kafka Server started/ }],
      ['PostgreSQL', { command: expect.stringMatching(/^pg_isready --host 127\.0\.0\.1 /) }],
      ['Mailpit', { path: '/readyz', port: 8025 }],
    ]);
  });

  it('are addressed by the host and the mapped port of the engine', () => {
    expect(eventStoreUrl(reached)).toBe('esdb://docker.example:42113?tls=false');
    expect(postgresUrl(reached)).toBe('postgres://postgres@docker.example:45432/invitations');
    expect(smtpUrl(reached)).toBe('smtp://docker.example:41025');
    expect(mailpitUrl(reached)).toBe('http://docker.example:48025');
  });

  it('make Kafka advertise the host and the port that clients can reach', () => {
    const { environment, ports } = kafkaContainer('docker.example', 40_092);
    expect(environment['KAFKA_ADVERTISED_LISTENERS']).toContain('OUTSIDE://docker.example:40092');
    expect(environment['KAFKA_LISTENERS']).toContain('OUTSIDE://:9092');
    expect(ports).toEqual([{ container: 9092, host: 40_092 }]);
    for (const value of Object.values(environment)) expect(value).not.toContain('kafka:');
  });
});
