import { join } from 'node:path';
import { clusterIdAt } from './cluster-id.js';
import { CommittedOffsets } from './committed-offsets.js';
import { lockDataDir } from '../../process/data-dir-lock.js';
import { ProducerIds } from './producer-ids.js';
import { Topics } from './topics.js';

const RETENTION_CHECK_MS = 30_000;

/** All that the broker keeps in its data directory. */
export class Store {
  readonly clusterId: string;
  readonly topics: Topics;
  readonly offsets: CommittedOffsets;
  readonly producerIds: ProducerIds;
  private readonly retention: NodeJS.Timeout;

  private constructor(
    dataDir: string,
    private readonly unlock: () => void,
  ) {
    this.clusterId = clusterIdAt(join(dataDir, 'cluster.json'));
    this.topics = new Topics(dataDir);
    this.offsets = new CommittedOffsets(
      join(dataDir, 'committed-offsets.log'),
      (topic) => this.topics.get(topic) !== undefined,
    );
    this.producerIds = new ProducerIds(join(dataDir, 'producer-ids.json'));
    this.topics.applyRetention(Date.now());
    this.retention = setInterval(() => this.topics.applyRetention(Date.now()), RETENTION_CHECK_MS);
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
    clearInterval(this.retention);
    this.topics.close();
    this.offsets.close();
    this.unlock();
  }
}
