import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { lockDataDir } from '../../process/data-dir-lock.js';
import { CommittedOffsets } from './committed-offsets.js';
import { JsonFile } from './json-file.js';
import { Topics } from './topics.js';

const RETENTION_CHECK_MS = 30_000;

/** The data directory of the broker. */
export class Store {
  readonly clusterId: string;
  readonly topics: Topics;
  readonly offsets: CommittedOffsets;
  readonly producerIds: ProducerIds;
  private readonly retentionTimer: NodeJS.Timeout;

  private constructor(
    dataDir: string,
    private readonly unlock: () => void,
  ) {
    this.clusterId = loadClusterId(join(dataDir, 'cluster.json'));
    this.topics = new Topics(dataDir);
    this.offsets = new CommittedOffsets(
      join(dataDir, 'committed-offsets.log'),
      (topic) => this.topics.get(topic) !== undefined,
    );
    this.producerIds = new ProducerIds(join(dataDir, 'producer-ids.json'));
    this.topics.applyRetention(Date.now());
    this.retentionTimer = setInterval(() => this.topics.applyRetention(Date.now()), RETENTION_CHECK_MS);
  }

  /** @throws when another process holds the directory, or a file in it is damaged */
  static open(dataDir: string): Store {
    const unlock = lockDataDir(dataDir);
    try {
      return new Store(dataDir, unlock);
    } catch (error) {
      unlock();
      throw error;
    }
  }

  close(): void {
    clearInterval(this.retentionTimer);
    this.topics.close();
    this.offsets.close();
    this.unlock();
  }
}

/** Creates the id at the first start and stores it, because clients reject a cluster whose id changes. */
function loadClusterId(path: string): string {
  const file = new JsonFile<{ clusterId: string }>(path);
  const stored = file.read();
  if (stored) return stored.clusterId;
  const clusterId = randomBytes(16).toString('base64url');
  file.write({ clusterId });
  return clusterId;
}

const BLOCK_SIZE = 1_000;

/** Allocates producer ids, each of them once. A block of ids is recorded on disk before its first id is allocated. */
export class ProducerIds {
  private readonly file: JsonFile<{ reservedBelow: number }>;
  private next: number;
  private reservedBelow: number;

  constructor(path: string) {
    this.file = new JsonFile(path);
    this.reservedBelow = this.file.read()?.reservedBelow ?? 0;
    this.next = this.reservedBelow;
  }

  allocate(): number {
    if (this.next === this.reservedBelow) {
      this.reservedBelow += BLOCK_SIZE;
      this.file.write({ reservedBelow: this.reservedBelow });
    }
    return this.next++;
  }
}
