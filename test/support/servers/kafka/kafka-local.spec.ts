import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { javaVersionIn, KAFKA_VERSION } from './fetch.js';
import { serverProperties } from './properties.js';

const nodes = [1, 2, 3].map((id) => ({
  id,
  port: 9_000 + id,
  controllerPort: 9_100 + id,
  dataDir: `/data/${id}`,
}));

const linesOf = (text: string) => new Set(text.trim().split('\n'));

describe('the server properties of a Kafka node', () => {
  it('contain its own address and the other controllers', () => {
    const lines = linesOf(serverProperties(nodes[1]!, nodes, { brokers: 3, initialRebalanceDelayMs: 0 }));
    expect(lines).toContain('node.id=2');
    expect(lines).toContain('listeners=PLAINTEXT://127.0.0.1:9002,CONTROLLER://127.0.0.1:9102');
    expect(lines).toContain('controller.quorum.voters=1@127.0.0.1:9101,2@127.0.0.1:9102,3@127.0.0.1:9103');
    expect(lines).toContain('log.dirs=/data/2');
  });

  it.each([
    [1, 1, 1],
    [3, 3, 2],
  ] as const)(
    'make %d brokers keep %d copies, of which %d must confirm a record',
    (brokers, replicas, inSync) => {
      const few = nodes.slice(0, brokers);
      const lines = linesOf(serverProperties(few[0]!, few, { brokers, initialRebalanceDelayMs: 0 }));
      expect(lines).toContain(`default.replication.factor=${replicas}`);
      expect(lines).toContain(`offsets.topic.replication.factor=${replicas}`);
      expect(lines).toContain(`min.insync.replicas=${inSync}`);
    },
  );

  it('contain the delay before the first rebalance', () => {
    const text = serverProperties(nodes[0]!, nodes, { brokers: 3, initialRebalanceDelayMs: 3_000 });
    expect(linesOf(text)).toContain('group.initial.rebalance.delay.ms=3000');
  });
});

describe('the version of Java', () => {
  it.each([
    ['openjdk version "17.0.15" 2025-04-15', 17],
    ['java version "1.8.0_361"', 1],
    ['openjdk version "24" 2025-03-18', 24],
    ['java: command not found', undefined],
  ])('is parsed from %j', (text, version) => {
    expect(javaVersionIn(text)).toBe(version);
  });
});

describe('npm run kafka:local', () => {
  const run = (...args: string[]) => {
    const { NODE_OPTIONS: _options, ...env } = process.env;
    return spawnSync('npm', ['run', '--silent', 'kafka:local', '--', ...args], { encoding: 'utf8', env });
  };

  it('prints its usage with --help and starts nothing', () => {
    const { stdout, status } = run('--help');
    expect(stdout).toContain(`Runs Apache Kafka ${KAFKA_VERSION}`);
    for (const option of ['--brokers', '--rebalance-delay', '--secured']) expect(stdout).toContain(option);
    expect(status).toBe(0);
  });

  it.each([
    ['--brokers', '2'],
    ['--rebalance-delay', 'soon'],
    ['--broker', '1'],
  ])('rejects %s %s and names the mistake', (option, value) => {
    const { stderr, status } = run(option, value);
    expect(stderr.split('\n')[0]).toContain(option);
    expect(stderr).toContain('Usage: npm run kafka:local');
    expect(status).toBe(2);
  });

  it('uses the version of the deployed image', () => {
    expect(readFileSync(join('deploy', 'compose.yaml'), 'utf8')).toContain(
      `image: apache/kafka:${KAFKA_VERSION}\n`,
    );
  });
});
