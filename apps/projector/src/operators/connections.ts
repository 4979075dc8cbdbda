import { WithTextKeys } from '#libs/author-keys';
import {
  closeEventStore,
  connectEventStore,
  WithEventStore,
  type EventStoreDBClient,
} from '#libs/event-store';
import { createKafka, kafkaSettings, WithKafka, type Kafka } from '#libs/kafka';
import {
  createLogger,
  createPool,
  loadConfig,
  NoConfig,
  postgresConnection,
  WithPostgres,
  type Pool,
} from '#libs/platform';

class DatabaseConfig extends WithPostgres(NoConfig) {}
export class StoreConfig extends WithEventStore(DatabaseConfig) {}
class KafkaConfig extends WithKafka(NoConfig) {}
export class TextsConfig extends WithTextKeys(NoConfig) {}

/** A tool that was paused, or lost its connection, during a switch must not keep the workers waiting for longer. */
const IDLE_IN_TRANSACTION_MS = 10_000;
/** The checksum of a large table is one statement. */
const STATEMENT_TIMEOUT_MS = 60 * 60_000;

/** The tools print their results and errors, so their clients do not log. */
const silentLogger = () => createLogger('projections', 'silent');

const openPool = (config: DatabaseConfig): Pool =>
  createPool(
    {
      ...postgresConnection(config),
      app: 'projections',
      max: 6,
      pipeline: true,
      idleInTransactionTimeoutMs: IDLE_IN_TRANSACTION_MS,
      statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    },
    silentLogger(),
  );

export async function withPool<T>(work: (pool: Pool) => Promise<T>): Promise<T> {
  const pool = openPool(loadConfig(DatabaseConfig));
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
}

export async function withStore<T>(work: (pool: Pool, client: EventStoreDBClient) => Promise<T>): Promise<T> {
  const config = loadConfig(StoreConfig);
  const client = connectEventStore(config);
  const pool = openPool(config);
  try {
    return await work(pool, client);
  } finally {
    await pool.end();
    await closeEventStore(client);
  }
}

/** @param retries few, because a person waits for the error */
export const loadKafka = (retries: number): Kafka =>
  createKafka(
    { ...kafkaSettings(loadConfig(KafkaConfig)), clientId: 'projections', retries },
    silentLogger(),
  );
