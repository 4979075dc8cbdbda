import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { PARTITIONS, type MemberProfile, type Topics } from '#libs/contracts';
import { createKafka, ensureTopics, Producer } from '#libs/kafka';
import type { Logger } from '#libs/platform';
import { databaseVariables } from './database-connection.js';
import { PROJECT } from '../state/state-directory.js';
import { kafkaConnection } from './kafka-connection.js';
import {
  DEFAULT_TEXT_RETENTION_MS,
  reportLongerRetention,
  RETENTION,
  retentionOfTexts,
} from './topic-retention.js';

/**
 * A dead letter is its message with more headers: the broker must accept as a dead letter what it accepted as a
 * command.
 */
export const topicSettings = (
  topics: Topics,
  textRetentionMs = DEFAULT_TEXT_RETENTION_MS,
): Partial<Record<string, { name: string; value: string }[]>> => {
  const retention = retentionOfTexts(topics, textRetentionMs);
  return {
    ...Object.fromEntries(Object.entries(retention).map(([topic, value]) => [topic, [retentionOf(value)]])),
    [topics.profiles]: [{ name: 'cleanup.policy', value: 'compact' }],
    [topics.deadLetters]: [
      { name: 'max.message.bytes', value: String(2 * 1024 * 1024) },
      retentionOf(retention[topics.deadLetters]!),
    ],
  };
};

const retentionOf = (ms: number) => ({ name: RETENTION, value: String(ms) });

/**
 * Creates the topics, which a production environment creates from its manifests, with the broker's default
 * replication. Topics that exist keep their retention, and one that keeps texts for longer than a new one would is reported.
 */
export async function createTopics(
  topics: Topics,
  brokers: string,
  logger: Logger,
  textRetentionMs = DEFAULT_TEXT_RETENTION_MS,
  print: (line: string) => void = () => undefined,
): Promise<void> {
  const kafka = createKafka({ ...kafkaConnection(brokers), clientId: 'standalone' }, logger);
  const settings = topicSettings(topics, textRetentionMs);
  const creations = topics.names.map((topic) => ({
    topic,
    numPartitions: PARTITIONS,
    configEntries: settings[topic] ?? [],
  }));
  const existing = await ensureTopics(kafka, creations);
  await reportLongerRetention(kafka, existing, retentionOfTexts(topics, textRetentionMs), print);
}

/** The migration jobs. They run as in a deployment: as processes, before the apps. */
const MIGRATION_JOBS = ['libs/read-models/src/migrate.main.js', 'apps/notification/src/migrate.main.js'];

/** @throws when one of them fails; the job prints the reason */
export async function runMigrations(databaseUrl: string): Promise<void> {
  await Promise.all(
    MIGRATION_JOBS.map(async (job) => {
      const child = fork(join(PROJECT, 'dist', job), [], {
        env: {
          PATH: process.env['PATH'] ?? '',
          DATABASE_URL: databaseUrl,
          ...databaseVariables(),
          LOG_LEVEL: 'warn',
        },
        stdio: 'inherit',
      });
      const [code] = (await once(child, 'exit')) as [number | null];
      if (code !== 0) throw new Error(`migration ${job} failed`);
    }),
  );
}

/** Reads the members in examples/members.jsonl. */
export async function readSampleMembers(): Promise<MemberProfile[]> {
  const text = await readFile(join(PROJECT, 'examples/members.jsonl'), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as MemberProfile);
}

/** Publishes the sample members as the profile service would. Publishing them at every start is idempotent. */
export async function publishSampleMembers(
  { profiles }: Topics,
  brokers: string,
  logger: Logger,
): Promise<void> {
  const producer = new Producer(createKafka({ ...kafkaConnection(brokers), clientId: 'standalone' }, logger));
  const members = await readSampleMembers();
  await producer.connect();
  await producer.send(
    members.map((member) => ({ topic: profiles, key: member.id, value: JSON.stringify(member) })),
  );
  await producer.disconnect();
}
