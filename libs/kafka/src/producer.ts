import {
  CompressionTypes,
  type Kafka,
  type Producer as KafkajsProducer,
  type TopicMessages,
  Partitioners,
  type ICustomPartitioner,
} from 'kafkajs';
import { withSpans } from '#libs/platform';
import type { ProducerMetrics } from './kafka-metrics.js';
import { startSendSpans, type ProducerMessage } from './message.js';
import { measureRecord, type MessageToEncode } from './protocol/record-batch-encoder.js';

/**
 * The most bytes of messages in one request. A broker rejects a batch of more than 1 MiB (`message.max.bytes`), and all
 * messages of one request may go to one partition. The rest is reserved for what other partitions and topics add.
 */
const MAX_REQUEST_BYTES = 512 * 1024;

/** Messages of one `send` that fit into one request. */
interface ProducerBatch {
  readonly messages: readonly ProducerMessage[];
  readonly bytes: number;
}

interface QueuedBatch extends ProducerBatch {
  readonly send: PendingSend;
}

/** Resolves when the last of its batches is confirmed, and rejects when the first of them fails. */
interface PendingSend {
  unconfirmedBatches: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Publishes with one request in flight, so that a retry cannot overtake a later request. (An idempotent kafkajs producer
 * that sends concurrently loses messages: tulios/kafkajs#1005.) Messages that arrive while a request is in flight are sent
 * together in the next one. A retry may write a message twice, so every consumer deduplicates by message id.
 */
export class Producer {
  private client: KafkajsProducer | undefined;
  private closed = false;
  private queue: QueuedBatch[] = [];
  private sending: Promise<void> | undefined;

  /** @param retries of one request by kafkajs; callers that retry themselves set a low number */
  constructor(
    private readonly kafka: Kafka,
    private readonly retries?: number,
    private readonly metrics?: ProducerMetrics,
  ) {}

  async connect(): Promise<void> {
    await this.connectedClient();
  }

  /** Sends the queued messages, then closes. */
  async disconnect(): Promise<void> {
    await this.sending;
    this.closed = true;
    await this.resetClient();
  }

  /**
   * Publishes the messages in order; returns when every in-sync replica has them.
   * @throws the client's error when the brokers did not confirm. Some messages may have been written all the same: in each
   * partition, the first ones.
   */
  async send(messages: readonly ProducerMessage[]): Promise<void> {
    if (messages.length === 0) return;
    const { spans, traced } = startSendSpans(messages);
    await withSpans(spans, () => this.enqueue(traced));
  }

  private enqueue(messages: readonly ProducerMessage[]): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const batches = splitIntoBatches(messages);
      const send = { unconfirmedBatches: batches.length, resolve, reject };
      this.queue.push(...batches.map((batch) => ({ ...batch, send })));
      this.sending ??= this.drainQueue();
    });
  }

  private async drainQueue(): Promise<void> {
    while (this.queue.length > 0) {
      const batches = this.takeNextRequest();
      const messages = batches.flatMap((batch) => batch.messages);
      const startedAt = performance.now();
      try {
        const client = await this.connectedClient();
        await client.sendBatch({
          acks: -1,
          compression: CompressionTypes.None,
          topicMessages: groupByTopic(messages),
        });
        this.metrics?.recordConfirmed(startedAt, messages.length);
        for (const { send } of batches) {
          send.unconfirmedBatches -= 1;
          if (send.unconfirmedBatches === 0) send.resolve();
        }
      } catch (error) {
        this.metrics?.recordFailed();
        await this.resetClient();
        const failed = new Set(batches.map(({ send }) => send));
        // The caller repeats the whole send. Its later batches, written now, would precede the repeated earlier ones.
        this.queue = this.queue.filter(({ send }) => !failed.has(send));
        for (const { reject } of failed) reject(error);
      }
    }
    // In the same turn of the event loop as the check above: a message queued between the two would never be sent.
    this.sending = undefined;
  }

  private async connectedClient(): Promise<KafkajsProducer> {
    if (this.closed) throw new Error('the producer is disconnected');
    this.client ??= this.kafka.producer({
      ...(this.retries === undefined ? {} : { retry: { retries: this.retries } }),
      createPartitioner: KeyPartitioner,
      allowAutoTopicCreation: false,
      maxInFlightRequests: 1,
    });
    // Returns at once if it is connected.
    await this.client.connect();
    return this.client;
  }

  /**
   * Drops the client, so that the next send creates a new one. A kafkajs client that failed may have cached a topic that no
   * longer exists, such as a deleted reply topic. It requests the metadata of all its topics together, and that request
   * then fails for as long as the client lives.
   */
  private async resetClient(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    await client?.disconnect().catch(() => undefined);
  }

  /** Removes the oldest batches from the queue: as many as fit into one request, and at least one. */
  private takeNextRequest(): QueuedBatch[] {
    let sum = 0;
    const firstThatDoesNotFit = this.queue.findIndex(({ bytes }, index) => {
      sum += bytes;
      return index > 0 && sum > MAX_REQUEST_BYTES;
    });
    return this.queue.splice(0, firstThatDoesNotFit === -1 ? this.queue.length : firstThatDoesNotFit);
  }
}

/** Splits the messages, in order, into batches of at most MAX_REQUEST_BYTES or of one message. */
function splitIntoBatches(messages: readonly ProducerMessage[]): ProducerBatch[] {
  const batches: { messages: ProducerMessage[]; bytes: number }[] = [];
  for (const message of messages) {
    const bytes = measureRecord(message);
    const last = batches.at(-1);
    if (last !== undefined && last.bytes + bytes <= MAX_REQUEST_BYTES) {
      last.messages.push(message);
      last.bytes += bytes;
    } else batches.push({ messages: [message], bytes });
  }
  return batches;
}

function groupByTopic(messages: readonly ProducerMessage[]): TopicMessages[] {
  const topics = new Map<string, MessageToEncode[]>();
  for (const { topic, key, value, headers, recordHeaders } of messages) {
    let list = topics.get(topic);
    if (list === undefined) topics.set(topic, (list = []));
    list.push({
      key,
      value,
      ...(headers === undefined ? {} : { headers }),
      ...(recordHeaders === undefined ? {} : { recordHeaders }),
    });
  }
  return [...topics].map(([topic, list]) => ({ topic, messages: list }));
}

const SEED = 0x9747b28c;
const M = 0x5bd1e995;

/**
 * Maps a key to the same partition as Kafka's Java client and kafkajs do (murmur2). kafkajs computes the hash with 64-bit
 * objects, which costs more than everything else that it does with a message. Messages without a key are left to kafkajs.
 */
export const KeyPartitioner: ICustomPartitioner = () => {
  const partitionWithoutKey = Partitioners.DefaultPartitioner();
  return (args) => {
    const { key, partition } = args.message;
    if (key === null || key === undefined || typeof partition === 'number') return partitionWithoutKey(args);
    const bytes = typeof key === 'string' ? Buffer.from(key) : key;
    return (murmur2(bytes) & 0x7fffffff) % args.partitionMetadata.length;
  };
};

/** The same function as org.apache.kafka.common.utils.Utils.murmur2. */
function murmur2(bytes: Buffer): number {
  const whole = bytes.length & ~3;
  let hash = SEED ^ bytes.length;
  for (let at = 0; at < whole; at += 4) {
    const word = Math.imul(bytes.readInt32LE(at), M);
    hash = Math.imul(hash, M) ^ Math.imul(word ^ (word >>> 24), M);
  }
  if (bytes.length > whole) {
    for (let at = whole; at < bytes.length; at += 1) hash ^= bytes[at]! << (8 * (at - whole));
    hash = Math.imul(hash, M);
  }
  hash = Math.imul(hash ^ (hash >>> 13), M);
  return hash ^ (hash >>> 15);
}
