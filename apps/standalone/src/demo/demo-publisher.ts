import { Partitioners } from 'kafkajs';
import type { CommandOutcome, Topics } from '#libs/contracts';
import { createKafka, createTopics } from '#libs/kafka';
import { createLogger } from '#libs/platform';
import { kafkaConnection } from '../servers/kafka-connection.js';
import type { DemoCommand } from './demo-commands.js';

/** How long to wait for the outcome of a command, in milliseconds: a busy machine may need far more than usual. */
const OUTCOME_TIMEOUT_MS = 60_000;

/** Publishes commands as any other service would: with a producer of kafkajs and a reply topic of its own. */
export class DemoPublisher {
  private readonly replyTopic: string;
  private readonly kafka;
  private readonly producer;
  private readonly consumer;
  private readonly pending = new Map<string, (outcome: CommandOutcome) => void>();

  constructor(
    brokers: string,
    private readonly topics: Topics,
    groupPrefix: string,
  ) {
    this.replyTopic = topics.outcomesOf('demo');
    this.kafka = createKafka(
      { ...kafkaConnection(brokers), clientId: 'demo' },
      createLogger('demo', 'silent'),
    );
    this.producer = this.kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    this.consumer = this.kafka.consumer({
      groupId: `${groupPrefix}demo-${process.pid}`,
      maxWaitTimeInMs: 100,
    });
  }

  async connect(): Promise<void> {
    const admin = this.kafka.admin();
    try {
      await admin.connect();
      await createTopics(admin, [{ topic: this.replyTopic, numPartitions: 1 }]);
    } finally {
      await admin.disconnect();
    }
    await this.producer.connect();
    await this.consumer.connect();
    await this.consumer.subscribe({ topic: this.replyTopic, fromBeginning: true });
    await this.consumer.run({
      eachMessage: async ({ message }) => {
        const outcome = JSON.parse(String(message.value)) as CommandOutcome;
        this.pending.get(outcome.commandId)?.(outcome);
      },
    });
  }

  /** Publishes a command and waits for its outcome. */
  async execute({ key, headers, value }: DemoCommand): Promise<CommandOutcome> {
    const commandId = headers['ce_id']!;
    const outcome = new Promise<CommandOutcome>((resolve, reject) => {
      this.pending.set(commandId, resolve);
      const fail = () =>
        reject(new Error(`no outcome of command ${commandId} within ${OUTCOME_TIMEOUT_MS} ms`));
      setTimeout(fail, OUTCOME_TIMEOUT_MS).unref();
    });
    const sent = this.producer.send({
      topic: this.topics.commands,
      messages: [{ key, value: JSON.stringify(value), headers: { ...headers, 'reply-to': this.replyTopic } }],
    });
    const [known] = await Promise.all([outcome, sent]);
    return known;
  }

  async disconnect(): Promise<void> {
    await this.consumer.disconnect();
    await this.producer.disconnect();
  }
}
