import { CompressionTypes, Partitioners, type Kafka, type Message, type TopicMessages } from 'kafkajs';

/** A message to publish; its promise settles when every in-sync replica has it. */
export interface Outgoing {
  readonly topic: string;
  readonly key: string | Buffer | null;
  readonly value: string | Buffer | null;
  readonly headers?: Message['headers'];
}

/**
 * A broker refuses a batch of more than 1 MiB of one partition (`message.max.bytes`), and messages that wait together
 * go in one. In bytes, with room for what the protocol adds.
 */
const REQUEST_BYTES = 512 * 1024;

interface Waiting {
  readonly message: Outgoing;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Publishes with one request in flight, so that a retry cannot overtake (kafkajs loses messages of an idempotent
 * producer that sends concurrently: tulios/kafkajs#1005). What arrives meanwhile goes with the next request.
 * A retry may write twice: every consumer of ours knows a message by its id.
 */
export class Producer {
  private readonly producer;
  private waiting: Waiting[] = [];
  private sending: Promise<void> | undefined;

  constructor(kafka: Kafka) {
    this.producer = kafka.producer({
      createPartitioner: Partitioners.DefaultPartitioner,
      allowAutoTopicCreation: false,
      maxInFlightRequests: 1,
    });
  }

  connect(): Promise<void> {
    return this.producer.connect();
  }

  /** Sends what is waiting, then closes. */
  async disconnect(): Promise<void> {
    await this.sending;
    await this.producer.disconnect();
  }

  /**
   * Publishes the messages in order.
   * @throws the client's error when the broker did not confirm; the messages may have been written all the same
   */
  async send(messages: readonly Outgoing[]): Promise<void> {
    if (messages.length === 0) return;
    const confirmed = messages.map(
      (message) =>
        new Promise<void>((resolve, reject) => {
          this.waiting.push({ message, resolve, reject });
        }),
    );
    this.sending ??= this.drain();
    await Promise.all(confirmed);
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.take();
      try {
        await this.producer.sendBatch({
          acks: -1,
          compression: CompressionTypes.None,
          topicMessages: byTopic(batch.map(({ message }) => message)),
        });
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    // In the same turn as the last look at what waits: what comes between the two would wait for ever.
    this.sending = undefined;
  }

  /** The oldest of what waits, as much as fits in a request and at least one message. */
  private take(): Waiting[] {
    let bytes = 0;
    const tooMuch = this.waiting.findIndex(({ message }, index) => {
      bytes += sizeOf(message);
      return index > 0 && bytes > REQUEST_BYTES;
    });
    return this.waiting.splice(0, tooMuch === -1 ? this.waiting.length : tooMuch);
  }
}

function sizeOf({ key, value, headers = {} }: Outgoing): number {
  let bytes = 100;
  for (const part of [key, value, ...Object.entries(headers).flat(2)]) {
    if (part !== null && part !== undefined) bytes += Buffer.byteLength(part);
  }
  return bytes;
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
