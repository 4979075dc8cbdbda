import { randomUUID } from 'node:crypto';
import { Registry } from 'prom-client';
import { parseCommand, TOPICS } from '#libs/contracts';
import { createKafka, ensureTopics, Producer, type Incoming, type Outgoing } from '#libs/kafka';
import { createPool, Health, migrate, type Pool } from '#libs/platform';
import { readModelMigrations } from '#libs/read-models';
import { ReminderMetrics } from '../../apps/projector/src/reminders/reminder-metrics.js';
import { ReminderPoller, type ReminderSettings } from '../../apps/projector/src/reminders/reminder-poller.js';
import { KafkaWorld, SILENT } from '../integration/support/kafka-world.js';
import { kafkaUnderTest, type KafkaUnderTest } from '../support/kafka.js';
import { postgresUnderTest, type PostgresUnderTest } from '../support/postgres.js';

const HOUR = 3_600_000;

/** Hours are long in a test: nothing becomes due, or ceases to be, while it runs. */
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

export interface PollerUnderTest {
  readonly health: Health;
  readonly registry: Registry;
  stop(): Promise<void>;
  /** It hangs, and cannot be stopped. */
  abandon(): void;
}

/** Pollers between a database and a broker, and all that they have asked for. */
export class RemindersWorld {
  readonly asked: Asked[] = [];
  private readonly pollers = new Set<ReminderPoller>();
  private readonly pools: Pool[] = [];

  private constructor(
    private readonly postgres: PostgresUnderTest,
    private readonly kafka: KafkaUnderTest,
    private readonly world: KafkaWorld,
    readonly pool: Pool,
    private readonly producer: Producer,
  ) {}

  static async open(): Promise<RemindersWorld> {
    const [postgres, kafka] = await Promise.all([postgresUnderTest(), kafkaUnderTest()]);
    const pool = createPool({ url: postgres.url, app: 'test' }, SILENT);
    await migrate(pool, readModelMigrations, SILENT);
    const brokers = kafka.brokers.join(',');
    const client = createKafka({ brokers, clientId: 'test' }, SILENT);
    await ensureTopics(client, [{ topic: TOPICS.commands, numPartitions: 8 }]);
    const producer = new Producer(client);
    await producer.connect();
    const world = new RemindersWorld(postgres, kafka, await KafkaWorld.open(kafka.brokers), pool, producer);
    const consumer = world.world.consumer(TOPICS.commands, async (messages) => world.hear(messages), {
      groupId: `test-${randomUUID()}`,
    });
    await consumer.start();
    return world;
  }

  async close(): Promise<void> {
    await this.stopAll();
    await this.world.close();
    await this.producer.disconnect();
    for (const pool of [...this.pools, this.pool]) await pool.end();
    await this.postgres.stop();
    await this.kafka.stop();
  }

  /** Nothing has happened yet. */
  async reset(): Promise<void> {
    await this.stopAll();
    await this.pool.query('TRUNCATE read_models.reminders_g1, read_models.reminders_asked');
    this.asked.length = 0;
  }

  /** Invitations that were sent so many hours ago, by the database's clock. */
  async invited(hoursAgo: number, ids: readonly string[], reminded = 0): Promise<void> {
    await this.pool.query(
      `INSERT INTO read_models.reminders SELECT id, now() - $1::float8 * interval '1 hour', $3 FROM unnest($2::text[]) id`,
      [hoursAgo, ids, reminded],
    );
  }

  /** What the projection makes of a decision. */
  async remindedOf(invitationId: string, ordinal: number): Promise<void> {
    await this.pool.query('UPDATE read_models.reminders SET reminded = $2 WHERE invitation_id = $1', [
      invitationId,
      ordinal,
    ]);
  }

  /** A process more that looks for reminders. */
  start(
    change: Partial<ReminderSettings> = {},
    send: (messages: readonly Outgoing[], publish: Producer['send']) => Promise<void> = (messages, publish) =>
      publish(messages),
  ): PollerUnderTest {
    const pool = createPool({ url: this.postgres.url, app: 'poller' }, SILENT);
    this.pools.push(pool);
    const health = new Health();
    const registry = new Registry();
    const publish = this.producer.send.bind(this.producer);
    const poller = new ReminderPoller(
      { ...SETTINGS, ...change },
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

  private hear(messages: readonly Incoming[]): void {
    for (const message of messages) {
      const command = parseCommand(message);
      if (command.type !== 'invitations.remind.v1') throw new Error(`unexpected: ${command.type}`);
      const { commandId, data } = command;
      const { invitationId, ordinal } = data;
      this.asked.push({ commandId, key: String(message.key), invitationId, ordinal });
    }
  }
}
