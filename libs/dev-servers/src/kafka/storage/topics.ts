import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ErrorCode } from '../protocol/error-codes.js';
import { JsonFile } from './json-file.js';
import { PartitionLog } from './partition-log.js';
import { logLimits, type TopicSettings } from './topic-config.js';

/** In all topics. Limited, because each partition is a directory and, once written to, an open file. */
const MAX_PARTITIONS = 2_000;

export interface Topic {
  readonly name: string;
  readonly settings: TopicSettings;
  readonly partitions: readonly PartitionLog[];
}

interface StoredTopic {
  readonly id: number;
  readonly name: string;
  readonly settings: TopicSettings;
  partitions: number;
  /** By partition: the first offset that was not deleted on request. */
  readonly deletedBelow: Record<number, number>;
}

interface Stored {
  lastId: number;
  topics: StoredTopic[];
}

interface OpenTopic extends Topic {
  readonly stored: StoredTopic;
  readonly partitions: PartitionLog[];
}

/**
 * The topics and their logs. The name of a topic's directory contains an id that is used once, so that a deleted and recreated topic
 * never finds old records, even if the broker was killed in between.
 */
export class Topics {
  private readonly file: JsonFile<Stored>;
  private readonly directory: string;
  private readonly topics = new Map<string, OpenTopic>();
  private lastId: number;

  /** @throws when a file is damaged */
  constructor(dataDir: string) {
    this.file = new JsonFile(join(dataDir, 'topics.json'));
    this.directory = join(dataDir, 'topics');
    const { lastId, topics } = this.file.read() ?? { lastId: 0, topics: [] };
    this.lastId = lastId;
    for (const stored of topics) this.open(stored);
    this.removeLeftovers();
  }

  get(name: string): Topic | undefined {
    return this.topics.get(name);
  }

  all(): Topic[] {
    return [...this.topics.values()];
  }

  /** How many more partitions can be created. */
  get remainingPartitions(): number {
    return MAX_PARTITIONS - this.all().reduce((total, { partitions }) => total + partitions.length, 0);
  }

  log(topic: string, partition: number): PartitionLog | undefined {
    return this.topics.get(topic)?.partitions[partition];
  }

  create(name: string, partitions: number, settings: TopicSettings): void {
    this.open({ id: ++this.lastId, name, settings, partitions, deletedBelow: {} });
    this.save();
  }

  addPartitions(name: string, total: number): void {
    const topic = this.topics.get(name)!;
    topic.stored.partitions = total;
    this.openPartitions(topic);
    this.save();
  }

  delete(name: string): void {
    const topic = this.topics.get(name)!;
    this.topics.delete(name);
    this.save();
    for (const log of topic.partitions) log.close();
    rmSync(this.directoryOf(topic.stored), { recursive: true, force: true });
  }

  deleteRecords(name: string, partition: number, before: number): void {
    const topic = this.topics.get(name)!;
    topic.stored.deletedBelow[partition] = before;
    this.save();
    topic.partitions[partition]!.deleteRecordsBefore(before);
  }

  applyRetention(now: number): void {
    for (const { partitions } of this.topics.values()) for (const log of partitions) log.applyRetention(now);
  }

  close(): void {
    for (const { partitions } of this.topics.values()) for (const log of partitions) log.close();
  }

  private open(stored: StoredTopic): void {
    const topic = { name: stored.name, settings: stored.settings, stored, partitions: [] };
    this.openPartitions(topic);
    this.topics.set(stored.name, topic);
  }

  private openPartitions({ stored, partitions }: OpenTopic): void {
    const limits = logLimits(stored.settings);
    for (let i = partitions.length; i < stored.partitions; i++) {
      partitions.push(
        new PartitionLog(join(this.directoryOf(stored), String(i)), limits, stored.deletedBelow[i]),
      );
    }
  }

  private directoryOf({ id, name }: StoredTopic): string {
    return join(this.directory, `${id}-${name}`);
  }

  /** Removes directories of topics that were being created or deleted when the broker was killed. */
  private removeLeftovers(): void {
    const known = new Set([...this.topics.values()].map(({ stored }) => this.directoryOf(stored)));
    for (const entry of listEntries(this.directory).map((name) => join(this.directory, name))) {
      if (!known.has(entry)) rmSync(entry, { recursive: true, force: true });
    }
  }

  private save(): void {
    this.file.write({ lastId: this.lastId, topics: [...this.topics.values()].map(({ stored }) => stored) });
  }
}

function listEntries(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

const MAX_NAME_LENGTH = 249;

export function isTopicName(name: string): boolean {
  return /^[A-Za-z0-9._-]+$/.test(name) && name.length <= MAX_NAME_LENGTH && name !== '.' && name !== '..';
}

export function missingTopicError(name: string): ErrorCode {
  return isTopicName(name) ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : ErrorCode.INVALID_TOPIC;
}

/** Kafka's metrics replace dots by underscores, so two names must not differ in these characters only. */
export function namesCollide(a: string, b: string): boolean {
  return a.replaceAll('.', '_') === b.replaceAll('.', '_');
}
