import {
  CompressionTypes,
  type Kafka,
  type Message,
  type Producer as Client,
  type TopicMessages,
} from 'kafkajs';
import { endWith } from '#libs/platform';
import { bytesOf } from './bytes-of.js';
import { KeyPartitioner } from './key-partitioner.js';
import type { Outgoing } from './outgoing.js';
import type { ProducerMetrics } from './producer-metrics.js';
import { sendSpans } from './send-spans.js';

/**
 * A broker refuses a batch of more than 1 MiB of one partition (`message.max.bytes`), and messages that wait together
 * go in one. In bytes, with room for what the protocol adds.
 */
const REQUEST_BYTES = 512 * 1024;

/** Messages of one `send`, as many as go in one request. */
interface Portion {
  readonly messages: readonly Outgoing[];
  readonly bytes: number;
}

interface Waiting extends Portion {
  readonly send: Send;
}

/** Settles when the last of its portions is confirmed, or the first is not. */
interface Send {
  portionsLeft: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Publishes with one request in flight, so that a retry cannot overtake (kafkajs loses messages of an idempotent
 * producer that sends concurrently: tulios/kafkajs#1005). What arrives meanwhile goes with the next request.
 * A retry may write twice: every consumer of ours knows a message by its id.
 */
export class Producer {
  private client: Client | undefined;
  private closed = false;
  private waiting: Waiting[] = [];
  private sending: Promise<void> | undefined;

  /** @param retries of a request, by the client; whoever tries again by themselves wants few */
  constructor(
    private readonly kafka: Kafka,
    private readonly retries?: number,
    private readonly metrics?: ProducerMetrics,
  ) {}

  async connect(): Promise<void> {
    await this.connected();
  }

  /** Sends what is waiting, then closes. */
  async disconnect(): Promise<void> {
    await this.sending;
    this.closed = true;
    await this.abandon();
  }

  /**
   * Publishes the messages in order.
   * @throws the client's error when the broker did not confirm; messages may have been written all the same, in each
   * partition the first ones
   */
  async send(messages: readonly Outgoing[]): Promise<void> {
    if (messages.length === 0) return;
    const { spans, traced } = sendSpans(messages);
    await endWith(spans, () => this.confirmed(traced));
  }

  private confirmed(messages: readonly Outgoing[]): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const all = portions(messages);
      const send = { portionsLeft: all.length, resolve, reject };
      this.waiting.push(...all.map((portion) => ({ ...portion, send })));
      this.sending ??= this.drain();
    });
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.take();
      const messages = batch.flatMap((portion) => portion.messages);
      const beganAt = performance.now();
      try {
        const client = await this.connected();
        await client.sendBatch({
          acks: -1,
          compression: CompressionTypes.None,
          topicMessages: byTopic(messages),
        });
        this.metrics?.confirmed(beganAt, messages.length);
        for (const { send } of batch) {
          send.portionsLeft -= 1;
          if (send.portionsLeft === 0) send.resolve();
        }
      } catch (error) {
        this.metrics?.failed();
        await this.abandon();
        const failed = new Set(batch.map(({ send }) => send));
        // Were it written, it would stand before what is missing, which comes again with all of its send.
        this.waiting = this.waiting.filter(({ send }) => !failed.has(send));
        for (const { reject } of failed) reject(error);
      }
    }
    // In the same turn as the last look at what waits: what comes between the two would wait for ever.
    this.sending = undefined;
  }

  private async connected(): Promise<Client> {
    if (this.closed) throw new Error('the producer is disconnected');
    this.client ??= this.kafka.producer({
      ...(this.retries === undefined ? {} : { retry: { retries: this.retries } }),
      createPartitioner: KeyPartitioner,
      allowAutoTopicCreation: false,
      maxInFlightRequests: 1,
    });
    // Returns at once when it is connected.
    await this.client.connect();
    return this.client;
  }

  /**
   * The next send begins with a client of its own. One that failed may have remembered a topic that is not there, and
   * then asks the brokers for all its topics at once, in vain, as long as it lives: when a reply topic was deleted, say.
   */
  private async abandon(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    await client?.disconnect().catch(() => undefined);
  }

  /** The oldest of what waits, as much as fits in a request and at least one portion. */
  private take(): Waiting[] {
    let sum = 0;
    const tooMuch = this.waiting.findIndex(({ bytes }, index) => {
      sum += bytes;
      return index > 0 && sum > REQUEST_BYTES;
    });
    return this.waiting.splice(0, tooMuch === -1 ? this.waiting.length : tooMuch);
  }
}

/** The messages in order, each portion as large as fits in a request and at least one message. */
function portions(messages: readonly Outgoing[]): Portion[] {
  const all: { messages: Outgoing[]; bytes: number }[] = [];
  for (const message of messages) {
    const bytes = bytesOf(message);
    const last = all.at(-1);
    if (last !== undefined && last.bytes + bytes <= REQUEST_BYTES) {
      last.messages.push(message);
      last.bytes += bytes;
    } else all.push({ messages: [message], bytes });
  }
  return all;
}

function byTopic(messages: readonly Outgoing[]): TopicMessages[] {
  const topics = new Map<string, Message[]>();
  for (const { topic, key, value, headers } of messages) {
    let list = topics.get(topic);
    if (list === undefined) topics.set(topic, (list = []));
    list.push({ key, value, ...(headers === undefined ? {} : { headers }) });
  }
  return [...topics].map(([topic, list]) => ({ topic, messages: list }));
}
