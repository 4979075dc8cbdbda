import { randomUUID } from 'node:crypto';
import { Kafka, logLevel, Partitioners, type Consumer, type Message, type Producer } from 'kafkajs';
import { Topics } from '#libs/contracts';
import { createTopics } from '#libs/kafka';
import { until } from './until.js';

export interface Outcome {
  readonly commandId: string;
  readonly outcome: 'accepted' | 'refused';
  readonly code?: string;
}

/** Another service: plain kafkajs, the topics of the contract, and its own reply topic. */
export class PublishingService {
  readonly kafka: Kafka;
  /** Every reply in order. A command may have several replies, but they never differ. */
  readonly answers: { key: string; value: string; outcome: Outcome }[] = [];
  /** The names of each reply's headers. */
  readonly answerHeaders: string[][] = [];
  /** Its own reply topic. */
  readonly replyTo: string;
  private readonly producer: Producer;
  private readonly consumers: Consumer[] = [];

  /** @param topics of the installation to which it publishes */
  constructor(
    brokers: string,
    private readonly topics = new Topics(),
  ) {
    this.replyTo = topics.outcomesOf(`test-${randomUUID().slice(0, 8)}`);
    this.kafka = new Kafka({ clientId: 'test', brokers: brokers.split(','), logLevel: logLevel.NOTHING });
    this.producer = this.kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  }

  async start(): Promise<this> {
    const admin = this.kafka.admin();
    await admin.connect();
    await createTopics(admin, [{ topic: this.replyTo, numPartitions: 1 }]);
    await admin.disconnect();
    await this.producer.connect();
    await this.listen([this.replyTo], (message) => {
      const value = String(message.value);
      this.answerHeaders.push(Object.keys(message.headers ?? {}));
      this.answers.push({ key: String(message.key), value, outcome: JSON.parse(value) as Outcome });
    });
    return this;
  }

  async stop(): Promise<void> {
    await Promise.all(this.consumers.map((consumer) => consumer.disconnect()));
    await this.producer.disconnect();
  }

  /** Consumes all messages of the topics, from their beginning. */
  async listen(
    topics: string[],
    hear: (message: Message, topic: string, partition: number) => void,
  ): Promise<void> {
    const consumer = this.kafka.consumer({
      groupId: `test-${randomUUID()}`,
      maxWaitTimeInMs: 50,
      // After the loss of its coordinator, the consumer waits for this time for its former member.
      sessionTimeout: 10_000,
    });
    this.consumers.push(consumer);
    await consumer.connect();
    await consumer.subscribe({ topics, fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ message, topic, partition }) => hear(message, topic, partition),
    });
  }

  async publish(topic: string, messages: Message[]): Promise<void> {
    await this.producer.send({ topic, messages });
  }

  /** Publishes profiles of members as the profile service does. */
  async members(...ids: string[]): Promise<void> {
    await this.publish(
      this.topics.profiles,
      ids.map((id) => ({ key: id, value: JSON.stringify(profile(id)) })),
    );
  }

  /** Waits until each member can be invited, because the directory of members lags. Also invites them. */
  async untilKnown(...recipientIds: string[]): Promise<void> {
    for (const recipientId of recipientIds) {
      await until(
        async () => (await this.ask('send', { inviterId: 'probe', recipientId })).outcome === 'accepted',
        30_000,
        `${recipientId} in the members directory`,
      );
    }
  }

  command(type: string, data: Record<string, string>, commandId: string = randomUUID()): Message {
    const { inviterId, invitationId, accountId } = data;
    const key = inviterId ?? accountId ?? invitationId!.split('.')[0]!;
    return {
      key,
      value: JSON.stringify(data),
      headers: {
        ce_specversion: '1.0',
        ce_id: commandId,
        ce_type: `invitations.${type}.v1`,
        ce_source: '/test',
        ce_time: new Date().toISOString(),
        'content-type': 'application/json',
        'reply-to': this.replyTo,
      },
    };
  }

  /** Publishes a command and waits for its outcome. */
  async ask(type: string, data: Record<string, string>, commandId: string = randomUUID()): Promise<Outcome> {
    await this.publish(this.topics.commands, [this.command(type, data, commandId)]);
    return this.outcomeOf(commandId);
  }

  async outcomeOf(commandId: string, withinMs = 30_000): Promise<Outcome> {
    const found = () => this.answers.find(({ outcome }) => outcome.commandId === commandId)?.outcome;
    await until(() => found() !== undefined, withinMs, `an outcome of ${commandId}`);
    return found()!;
  }
}

export const profile = (id: string) => ({
  id,
  name: `Name of ${id}`,
  headline: `Headline of ${id}`,
  profileUrl: `https://network.example/in/${id}`,
  email: `${id}@network.example`,
  locale: 'en',
  takesInvitations: true,
});
