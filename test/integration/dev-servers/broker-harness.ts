import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel, Partitioners, type ProducerConfig } from 'kafkajs';
import { startKafka } from '../../../libs/dev-servers/src/start-servers.js';
import type { DevServer } from '../../../libs/dev-servers/src/process/server-process.js';
import { Changing } from '../../contract/kafka/changing.js';

type Running = DevServer<{ brokers: string }>;

/** A development broker that a test can kill and restart on the same directory and port. */
export class BrokerHarness {
  private running: Running | undefined;
  private port = 0;

  private constructor(readonly dataDir: string) {}

  static async start(): Promise<BrokerHarness> {
    const broker = new BrokerHarness(await mkdtemp(join(tmpdir(), 'kafka-broker-')));
    await broker.start();
    return broker;
  }

  /** @throws with the broker's own reason when it does not start */
  async start(): Promise<void> {
    const { dataDir, port } = this;
    this.running = await startKafka({ dataDir, port }, { stdio: 'ignore' });
    this.port = Number(this.address.split(':')[1]);
  }

  get address(): string {
    return this.running!.addresses.brokers;
  }

  get pid(): number {
    return this.running!.pid;
  }

  get exited(): Running['exited'] {
    return this.running!.exited;
  }

  kill(): Promise<void> {
    return this.running!.kill();
  }

  async restart(): Promise<void> {
    await this.kill();
    await this.start();
  }

  async remove(): Promise<void> {
    await this.running?.stop();
    await rm(this.dataDir, { recursive: true });
  }

  get client(): Kafka {
    const retry = { retries: 60, initialRetryTime: 20, maxRetryTime: 100 };
    return new Kafka({ clientId: 'test', brokers: [this.address], logLevel: logLevel.NOTHING, retry });
  }

  async createTopic(topic: string, settings: Record<string, string> = {}, numPartitions = 1): Promise<void> {
    const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
    const admin = this.client.admin();
    await admin.createTopics({ topics: [{ topic, numPartitions, configEntries }] });
    await admin.disconnect();
  }

  async deleteTopic(topic: string): Promise<void> {
    const admin = this.client.admin();
    await admin.deleteTopics({ topics: [topic] });
    await admin.disconnect();
  }

  /** The offset of the oldest record of partition 0, and the next offset. */
  async bounds(topic: string): Promise<{ low: number; high: number }> {
    const admin = this.client.admin();
    const [partition] = await admin.fetchTopicOffsets(topic);
    await admin.disconnect();
    return { low: Number(partition!.low), high: Number(partition!.high) };
  }

  /** The segments of partition 0, oldest first. */
  async segmentsOf(topic: string): Promise<string[]> {
    const topics = join(this.dataDir, 'topics');
    const directory = (await readdir(topics)).find((name) => name.endsWith(`-${topic}`))!;
    const partition = join(topics, directory, '0');
    return (await readdir(partition))
      .toSorted((a, b) => a.localeCompare(b))
      .map((name) => join(partition, name));
  }

  async send(
    topic: string,
    messages: { value: string | Buffer; timestamp?: string }[],
    config: ProducerConfig = {},
  ) {
    const producer = this.client.producer({ createPartitioner: Partitioners.DefaultPartitioner, ...config });
    await producer.connect();
    for (const message of messages) await producer.send({ topic, messages: [{ key: 'k', ...message }] });
    await producer.disconnect();
  }

  /** Reads at least `count` records and commits their offsets. @returns their values */
  async values(topic: string, count: number, groupId: string): Promise<string[]> {
    const values: string[] = [];
    const progress = new Changing();
    const consumer = this.client.consumer({ groupId, maxWaitTimeInMs: 50 });
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      eachMessage: ({ message }) => {
        values.push(String(message.value));
        progress.changed();
        return Promise.resolve();
      },
    });
    await progress.until(
      () => values.length >= count,
      () => `${count} records, ${values.length} have arrived`,
    );
    await consumer.disconnect();
    return values;
  }
}
