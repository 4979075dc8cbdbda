import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { OUTCOMES_PREFIX, TOPICS, type CommandOutcome } from '#libs/contracts';
import type { DemoCommand } from './demo-command.js';

const REPLIES = `${OUTCOMES_PREFIX}demo`;

/** A service like any other: plain kafkajs, its own reply topic, nothing of ours. */
export class DemoPublisher {
  private readonly kafka;
  private readonly producer;
  private readonly consumer;
  private readonly waiting = new Map<string, (outcome: CommandOutcome) => void>();

  constructor(brokers: string) {
    this.kafka = new Kafka({ clientId: 'demo', brokers: [brokers], logLevel: logLevel.NOTHING });
    this.producer = this.kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    this.consumer = this.kafka.consumer({ groupId: `demo-${process.pid}`, maxWaitTimeInMs: 100 });
  }

  async connect(): Promise<void> {
    const admin = this.kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: REPLIES, numPartitions: 1 }] });
    await admin.disconnect();
    await this.producer.connect();
    await this.consumer.connect();
    await this.consumer.subscribe({ topic: REPLIES, fromBeginning: true });
    await this.consumer.run({
      eachMessage: async ({ message }) => {
        const outcome = JSON.parse(String(message.value)) as CommandOutcome;
        this.waiting.get(outcome.commandId)?.(outcome);
      },
    });
  }

  /** Publishes a command and waits for its outcome. */
  async ask({ key, headers, value }: DemoCommand): Promise<CommandOutcome> {
    const commandId = headers['ce_id']!;
    const outcome = new Promise<CommandOutcome>((resolve, reject) => {
      this.waiting.set(commandId, resolve);
      setTimeout(() => reject(new Error(`no outcome of ${commandId} within 30 s`)), 30_000).unref();
    });
    await this.producer.send({
      topic: TOPICS.commands,
      messages: [{ key, value: JSON.stringify(value), headers: { ...headers, 'reply-to': REPLIES } }],
    });
    return outcome;
  }

  async disconnect(): Promise<void> {
    await this.consumer.disconnect();
    await this.producer.disconnect();
  }
}
