import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import type { Health, Logger } from '#libs/platform';
import {
  toConsumedMessage,
  toUndecodableBatch,
  type ConsumedMessage,
  type UndecodableBatch,
} from './message.js';
import { GroupHealth, partitionKey } from './group-health.js';
import type { ConsumerMetrics } from './kafka-metrics.js';

export interface BatchConsumerOptions {
  readonly groupId: string;
  readonly topics: readonly string[];
  /** The most messages that are handled and committed together. */
  readonly batchSize?: number;
  /** Whether a group without committed offsets starts at the beginning of its topics (the default) or at their end. */
  readonly fromBeginning?: boolean;
  /**
   * In milliseconds. The partitions of a killed process are idle for this long: kafkajs does not support static
   * membership.
   */
  readonly sessionTimeoutMs?: number;
  /**
   * Handles a batch of messages of one partition, in order. When it returns, the effects of all messages must be durable:
   * their offsets are committed next. When it throws, nothing is committed and the batch is retried with backoff, while
   * other partitions continue.
   */
  readonly handle: (messages: readonly ConsumedMessage[]) => Promise<void>;
  /**
   * Records the offsets of a batch that cannot be decoded, for an operator. When it returns, the record must be durable:
   * the batch is skipped next. When it throws, it is retried like `handle`. Without it, only the log names the batch.
   */
  readonly recordUndecodableBatch?: (batch: UndecodableBatch) => Promise<void>;
  /**
   * Called after a rebalance, while no batch is being handled. Caches of what other members may have changed meanwhile
   * must be dropped.
   */
  readonly onAssigned?: () => void;
  /** Called when kafkajs gives up for good. The process must exit: it would stay alive without consuming. */
  readonly onFatal: (reason: string, error: unknown) => void;
  readonly metrics?: ConsumerMetrics;
}

/** The longest interval between two heartbeats. A short session timeout makes it shorter. */
const MAX_HEARTBEAT_INTERVAL_MS = 1_000;
const DEFAULT_SESSION_TIMEOUT_MS = 10_000;

/** The delay before a failed batch is retried doubles from the first value to the second. */
const FIRST_RETRY_DELAY_MS = 200;
const MAX_RETRY_DELAY_MS = 5_000;

/**
 * kafkajs retries a failed request to a broker this often, which takes about five seconds, before it restarts the consumer
 * and looks up the group's coordinator again. With more retries it would wait longer for a coordinator that is gone.
 */
const CLIENT_RETRIES = 5;

/** One step through a fetched batch: messages to handle, or one undecodable batch to skip. */
interface WorkItem {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly lastOffset: string;
  /** The number of fetched records that it covers. */
  readonly records: number;
  readonly run: () => Promise<void>;
}

/**
 * A consumer that commits an offset only after the effects of the message are durable. It sends heartbeats while a batch
 * is being handled, and on a rebalance or at shutdown it finishes the batch in hand and starts no other. A partition whose
 * batch fails is paused for a while; the other partitions and the group membership are not affected.
 */
export class BatchConsumer {
  private readonly consumer: Consumer;
  private readonly health: GroupHealth;
  private readonly heartbeatMs: number;
  /** Consecutive failures by partition key. */
  private readonly failures = new Map<string, number>();

  constructor(
    kafka: Kafka,
    private readonly options: BatchConsumerOptions,
    health: Health,
    private readonly logger: Logger,
  ) {
    const sessionTimeout = options.sessionTimeoutMs ?? DEFAULT_SESSION_TIMEOUT_MS;
    this.heartbeatMs = Math.min(MAX_HEARTBEAT_INTERVAL_MS, sessionTimeout / 4);
    this.health = new GroupHealth(`kafka:${options.groupId}`, sessionTimeout, health);
    this.health.onJoining();
    options.metrics?.initialize(options.topics);
    this.consumer = kafka.consumer({
      groupId: options.groupId,
      sessionTimeout,
      rebalanceTimeout: 30_000,
      heartbeatInterval: this.heartbeatMs,
      // A long poll delays heartbeats, leaving the group and shutdown.
      maxWaitTimeInMs: 250,
      // A decoded message takes about ten times its bytes, until its fetched batch is done.
      maxBytes: 2 * 1024 * 1024,
      maxBytesPerPartition: 256 * 1024,
      allowAutoTopicCreation: false,
      retry: { initialRetryTime: 200, maxRetryTime: 2_000, retries: CLIENT_RETRIES },
    });
  }

  async start(): Promise<void> {
    const { GROUP_JOIN, HEARTBEAT, CRASH, DISCONNECT } = this.consumer.events;
    this.consumer.on(GROUP_JOIN, ({ payload }) => {
      this.failures.clear();
      this.health.onJoined(payload.memberAssignment);
      this.options.metrics?.resetLag();
      this.options.onAssigned?.();
    });
    this.consumer.on(HEARTBEAT, () => this.health.onHeartbeat());
    this.consumer.on(DISCONNECT, () => this.health.onLeft('disconnected'));
    this.consumer.on(CRASH, ({ payload }) => {
      this.health.onLeft(`${payload.restart ? 'restarting after' : 'crashed by'}: ${payload.error.message}`);
      if (!payload.restart) this.options.onFatal(`consumer ${this.options.groupId} crashed`, payload.error);
    });
    await this.consumer.connect();
    await this.consumer.subscribe({
      topics: [...this.options.topics],
      fromBeginning: this.options.fromBeginning ?? true,
    });
    await this.consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: 4,
      eachBatch: (payload) => this.eachBatch(payload),
    });
  }

  /** Finishes the batch in hand and leaves the group, so that another member takes over at once. */
  async stop(): Promise<void> {
    await this.consumer.disconnect();
  }

  private async eachBatch(payload: EachBatchPayload): Promise<void> {
    const { topic, partition, messages, highWatermark } = payload.batch;
    const size = this.options.batchSize ?? 200;
    let isRebalancing = false;
    const heartbeat = () =>
      payload.heartbeat().catch(() => {
        isRebalancing = true;
      });
    for (let first = 0; first < messages.length;) {
      await heartbeat();
      if (isRebalancing || !payload.isRunning() || payload.isStale()) return;
      const item = this.nextWorkItem(payload, first, size);
      const timer = setInterval(() => void heartbeat(), this.heartbeatMs);
      const isDone = await this.tryRun(item);
      clearInterval(timer);
      if (!isDone) {
        const resume = payload.pause();
        setTimeout(resume, this.nextRetryDelayMs(topic, partition)).unref();
        return;
      }
      payload.resolveOffset(item.lastOffset);
      // Without an argument, commitOffsetsIfNecessary commits nothing unless thresholds are set (tulios/kafkajs#1729).
      await payload.commitOffsetsIfNecessary(payload.uncommittedOffsets());
      this.options.metrics?.setLag(topic, partition, item.lastOffset, highWatermark);
      first += item.records;
    }
  }

  /** The next messages of a fetched batch, at most `size` of them, or the record that stands for an undecodable batch. */
  private nextWorkItem(
    { batch: { topic, partition, messages } }: EachBatchPayload,
    from: number,
    size: number,
  ): WorkItem {
    const undecodable = toUndecodableBatch(topic, partition, messages[from]!);
    if (undecodable !== undefined) {
      const { firstOffset, lastOffset } = undecodable;
      const run = () => this.skip(undecodable);
      return { topic, partition, offset: firstOffset, lastOffset, records: 1, run };
    }
    const batch: ConsumedMessage[] = [];
    for (const message of messages.slice(from, from + size)) {
      if (toUndecodableBatch(topic, partition, message) !== undefined) break;
      batch.push(toConsumedMessage(topic, partition, message));
    }
    const [offset, lastOffset] = [batch[0]!.offset, batch.at(-1)!.offset];
    const run = () => this.options.handle(batch);
    return { topic, partition, offset, lastOffset, records: batch.length, run };
  }

  private async skip(batch: UndecodableBatch): Promise<void> {
    await this.options.recordUndecodableBatch?.(batch);
    this.logger.error(
      { ...batch },
      'skipped a record batch that cannot be decoded: its messages are not handled; ask their publisher to publish them again',
    );
    this.options.metrics?.countUndecodableBatch(batch.topic);
  }

  /** @returns whether it succeeded; a failure is logged and turns the group's health red */
  private async tryRun({ topic, partition, offset, records, run }: WorkItem): Promise<boolean> {
    const finish = this.options.metrics?.startBatch(topic, records);
    try {
      await run();
      finish?.(true);
      this.failures.delete(partitionKey(topic, partition));
      this.health.partitionResumed(topic, partition);
      return true;
    } catch (error) {
      finish?.(false);
      this.health.partitionBlocked(
        topic,
        partition,
        `blocked at ${topic}/${partition}@${offset}: ${String(error)}`,
      );
      this.logger.error(
        { err: error, topic, partition, offset, records },
        'batch failed: nothing of it is committed, and it is retried until it succeeds; later messages of this partition wait',
      );
      return false;
    }
  }

  /** The delay before the batch that has just failed is retried. Counts the failure. */
  private nextRetryDelayMs(topic: string, partition: number): number {
    const key = partitionKey(topic, partition);
    const earlierFailures = this.failures.get(key) ?? 0;
    this.failures.set(key, earlierFailures + 1);
    return Math.min(FIRST_RETRY_DELAY_MS * 2 ** earlierFailures, MAX_RETRY_DELAY_MS);
  }
}
