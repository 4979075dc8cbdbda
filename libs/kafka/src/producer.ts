import { CompressionTypes, Partitioners, type Kafka, type Message, type TopicMessages } from 'kafkajs';

/** A message to publish; its promise settles when every in-sync replica has it. */
export interface Outgoing {
  readonly topic: string;
  readonly key: string | Buffer | null;
  readonly value: string | Buffer | null;
  readonly headers?: Message['headers'];
}

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
    const confirmed = messages.map(
      (message) =>
        new Promise<void>((resolve, reject) => {
          this.waiting.push({ message, resolve, reject });
        }),
    );
    this.sending ??= this.drain().finally(() => {
      this.sending = undefined;
    });
    await Promise.all(confirmed);
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting;
      this.waiting = [];
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
  }
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
