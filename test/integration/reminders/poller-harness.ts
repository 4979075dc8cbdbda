import { randomUUID } from 'node:crypto';
import { Registry } from 'prom-client';
import { parseCommand, Topics, TOPICS } from '#libs/contracts';
import { createKafka, ensureTopics, Producer, type ConsumedMessage, type ProducerMessage } from '#libs/kafka';
import { createPool, Health, type Pool } from '#libs/platform';
import { readModelMigrations } from '#libs/read-models';
import {
  ReminderMetrics,
  ReminderPoller,
  type ReminderSettings,
} from '../../../apps/projector/src/reminders/reminder-poller.worker.js';
import { ConsumerHarness, SILENT } from '../support/consumer-harness.js';
import { openTestKafka, type TestKafka } from '../../support/kafka.js';
import { openTestPostgres, type TestPostgres } from '../../support/postgres.js';

const HOUR = 3_600_000;

/** Hours, so that no reminder becomes due or invalid while a test runs. */
const SETTINGS: ReminderSettings = {
  remindersMs: [1 * HOUR, 2 * HOUR, 3 * HOUR],
  reminderValidityMs: HOUR / 2,
  pollMs: 20,
  retryMs: HOUR,
};

export interface Asked {
  readonly commandId: string;
  readonly key: string;
  readonly invitationId: string;
  readonly ordinal: number;
}

export interface TestPoller {
  readonly health: Health;
  readonly registry: Registry;
  stop(): Promise<void>;
  /** Forgets a poller that hangs and cannot be stopped. */
  abandon(): void;
}

/** Pollers with a database and a broker, and the commands that they have issued. */
export class PollerHarness {
  readonly asked: Asked[] = [];
  private readonly pollers = new Set<ReminderPoller>();
  private readonly pools: Pool[] = [];

  private constructor(
    private readonly postgres: TestPostgres,
    private readonly kafka: TestKafka,
    private readonly kafkaClient: ConsumerHarness,
    readonly pool: Pool,
    private readonly producer: Producer,
  ) {}

  static async open(): Promise<PollerHarness> {
    const [postgres, kafka] = await Promise.all([openTestPostgres(readModelMigrations), openTestKafka()]);
    const pool = createPool({ url: postgres.url, app: 'test' }, SILENT);
    const brokers = kafka.brokers.join(',');
    const client = createKafka({ brokers, clientId: 'test' }, SILENT);
    await ensureTopics(client, [{ topic: TOPICS.commands, numPartitions: 8 }]);
    const producer = new Producer(client);
    await producer.connect();
    const harness = new PollerHarness(
      postgres,
      kafka,
      await ConsumerHarness.open(kafka.brokers),
      pool,
      producer,
    );
    const consumer = harness.kafkaClient.consumer(
      TOPICS.commands,
      async (messages) => harness.hear(messages),
      {
        groupId: `test-${randomUUID()}`,
      },
    );
    await consumer.start();
    return harness;
  }

  async close(): Promise<void> {
    await this.stopAll();
    await this.kafkaClient.close();
    await this.producer.disconnect();
    for (const pool of [...this.pools, this.pool]) await pool.end();
    await this.postgres.stop();
    await this.kafka.stop();
  }

  /** Deletes all invitations, claims and recorded commands. */
  async reset(): Promise<void> {
    await this.stopAll();
    await this.pool.query('TRUNCATE read_models.reminders_g1, read_models.reminders_asked');
    this.asked.length = 0;
  }

  /** Inserts invitations sent some hours ago, by the database's clock. */
  async invited(hoursAgo: number, ids: readonly string[], reminded = 0): Promise<void> {
    await this.pool.query(
      `INSERT INTO read_models.reminders SELECT id, now() - $1::float8 * interval '1 hour', $3 FROM unnest($2::text[]) id`,
      [hoursAgo, ids, reminded],
    );
  }

  /** Updates the row as the projection does after a decided reminder. */
  async remindedOf(invitationId: string, ordinal: number): Promise<void> {
    await this.pool.query('UPDATE read_models.reminders SET reminded = $2 WHERE invitation_id = $1', [
      invitationId,
      ordinal,
    ]);
  }

  /** Starts another poller. */
  start(
    change: Partial<ReminderSettings> = {},
    send: (messages: readonly ProducerMessage[], publish: Producer['send']) => Promise<void> = (
      messages,
      publish,
    ) => publish(messages),
  ): TestPoller {
    const pool = createPool({ url: this.postgres.url, app: 'poller' }, SILENT);
    this.pools.push(pool);
    const health = new Health();
    const registry = new Registry();
    const publish = this.producer.send.bind(this.producer);
    const poller = new ReminderPoller(
      { ...SETTINGS, ...change },
      new Topics(),
      pool,
      (messages) => send(messages, publish),
      new ReminderMetrics(registry),
      health,
      SILENT,
    );
    this.pollers.add(poller);
    poller.start();
    return {
      health,
      registry,
      stop: () => poller.stop(),
      abandon: () => void this.pollers.delete(poller),
    };
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.pollers].map((poller) => poller.stop()));
    this.pollers.clear();
  }

  private hear(messages: readonly ConsumedMessage[]): void {
    for (const message of messages) {
      const command = parseCommand(message);
      if (command.type !== 'invitations.remind.v1') throw new Error(`unexpected: ${command.type}`);
      const { commandId, data } = command;
      const { invitationId, ordinal } = data;
      this.asked.push({ commandId, key: String(message.key), invitationId, ordinal });
    }
  }
}
