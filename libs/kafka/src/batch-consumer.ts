import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import type { Health, Logger } from '#libs/platform';
import type { ConsumerMetrics } from './consumer-metrics.js';
import { GroupHealth, place } from './group-health.js';
import { incoming, type Incoming } from './incoming.js';

export interface BatchConsumerOptions {
  readonly groupId: string;
  readonly topics: readonly string[];
  /** Messages that are handled, then committed, at a time. */
  readonly chunkSize?: number;
  /** Whether a group without offsets starts at the topics' beginning. Only what may be missed starts at the end. */
  readonly fromBeginning?: boolean;
  /** A killed member's partitions stand still for this long (kafkajs knows no static membership), in milliseconds. */
  readonly sessionTimeoutMs?: number;
  /**
   * Carries out a chunk of one partition, in order. When it returns, the effects of all its messages are durable and
   * their offsets are committed. A throw means an outage: nothing is committed and the chunk comes again, later each
   * time; other partitions go on.
   */
  readonly handle: (messages: readonly Incoming[]) => Promise<void>;
  /** Partitions were given out anew: what other members did in the meantime is not known here. Nothing is under way. */
  readonly onAssigned?: () => void;
  /** kafkajs gave up for good: the process is to exit, or it would stand there and look alive. */
  readonly onFatal: (reason: string, error: unknown) => void;
  readonly metrics?: ConsumerMetrics;
}

/** At most so long between two heartbeats; less for a session that is short. */
const HEARTBEAT_MS = 1_000;
const SESSION_MS = 10_000;

/** Until a chunk that failed comes again: doubled each time, up to the second of them. */
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

/**
 * How often kafkajs tries again what failed between it and the brokers, within some five seconds, before it begins anew as
 * another member. Only then does it ask who coordinates the group: with more patience it waits for a broker that is gone.
 */
const CLIENT_RETRIES = 5;

/**
 * A consumer that commits an offset only after the effect: it resolves the finished prefix of a batch and nothing else,
 * heartbeats while a chunk is under way, and stops at a rebalance or at shutdown with whole chunks done. A partition
 * whose chunk fails is paused for a while, and holds up neither the membership nor the others.
 */
export class BatchConsumer {
  private readonly consumer: Consumer;
  private readonly health: GroupHealth;
  private readonly heartbeatMs: number;
  /** By partition, how often its chunk has failed since one was done. */
  private readonly failures = new Map<string, number>();

  constructor(
    kafka: Kafka,
    private readonly options: BatchConsumerOptions,
    health: Health,
    private readonly logger: Logger,
  ) {
    const sessionTimeout = options.sessionTimeoutMs ?? SESSION_MS;
    this.heartbeatMs = Math.min(HEARTBEAT_MS, sessionTimeout / 4);
    this.health = new GroupHealth(`kafka:${options.groupId}`, sessionTimeout, health);
    this.health.joining();
    options.metrics?.expect(options.topics);
    this.consumer = kafka.consumer({
      groupId: options.groupId,
      sessionTimeout,
      rebalanceTimeout: 30_000,
      heartbeatInterval: this.heartbeatMs,
      // A long poll holds up heartbeats, leaving and shutdown.
      maxWaitTimeInMs: 250,
      // A fetched message takes ten times its bytes once it is decoded, and stays until its batch is done.
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
      this.health.joined(payload.memberAssignment);
      this.options.metrics?.assigned();
      this.options.onAssigned?.();
    });
    this.consumer.on(HEARTBEAT, () => this.health.heard());
    this.consumer.on(DISCONNECT, () => this.health.left('disconnected'));
    this.consumer.on(CRASH, ({ payload }) => {
      this.health.left(`${payload.restart ? 'begins again after' : 'crashed by'}: ${payload.error.message}`);
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

  /** Finishes the chunk under way and leaves the group, so that another member takes over at once. */
  async stop(): Promise<void> {
    await this.consumer.disconnect();
  }

  private async eachBatch(payload: EachBatchPayload): Promise<void> {
    const { topic, partition, messages, highWatermark } = payload.batch;
    const size = this.options.chunkSize ?? 200;
    let rebalancing = false;
    const beat = () =>
      payload.heartbeat().catch(() => {
        rebalancing = true;
      });
    for (let first = 0; first < messages.length; first += size) {
      await beat();
      if (rebalancing || !payload.isRunning() || payload.isStale()) return;
      const chunk = messages.slice(first, first + size).map((message) => incoming(topic, partition, message));
      const timer = setInterval(() => void beat(), this.heartbeatMs);
      const isDone = await this.handle(chunk);
      clearInterval(timer);
      if (!isDone) {
        const resume = payload.pause();
        setTimeout(resume, this.pauseMs(topic, partition)).unref();
        return;
      }
      const { offset } = chunk.at(-1)!;
      payload.resolveOffset(offset);
      // Without an argument this commits nothing where no thresholds are set (tulios/kafkajs#1729).
      await payload.commitOffsetsIfNecessary(payload.uncommittedOffsets());
      this.options.metrics?.reached(topic, partition, offset, highWatermark);
    }
  }

  /** Whether all of it was done. */
  private async handle(messages: readonly Incoming[]): Promise<boolean> {
    const { topic, partition, offset } = messages[0]!;
    const end = this.options.metrics?.begin(topic, messages.length);
    try {
      await this.options.handle(messages);
      end?.(true);
      this.failures.delete(place(topic, partition));
      this.health.moves(topic, partition);
      return true;
    } catch (error) {
      end?.(false);
      this.health.stands(topic, partition, `stands at ${topic}/${partition}@${offset}: ${String(error)}`);
      this.logger.error({ err: error, topic, partition, offset }, 'chunk failed, it is tried again');
      return false;
    }
  }

  /** Until the partition's chunk, which has just failed once more, is tried again. */
  private pauseMs(topic: string, partition: number): number {
    const key = place(topic, partition);
    const before = this.failures.get(key) ?? 0;
    this.failures.set(key, before + 1);
    return Math.min(FIRST_PAUSE_MS * 2 ** before, LONGEST_PAUSE_MS);
  }
}
