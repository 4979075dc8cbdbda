import { IsNotEmpty, IsString } from 'class-validator';
import { connectEventStore, dispose } from '#libs/event-store';
import type { EventStoreDBClient } from '#libs/event-store';
import { createLogger, createPool, loadConfig, type Pool } from '#libs/platform';

class DatabaseConfig {
  @IsString()
  @IsNotEmpty()
  DATABASE_URL: string;
}

class StoreConfig extends DatabaseConfig {
  @IsString()
  @IsNotEmpty()
  EVENTSTORE_URL: string;
}

/** A tool that was paused, or lost its connection, in the middle of a switch does not keep the workers waiting. */
const IDLE_IN_TRANSACTION_MS = 10_000;
/** A checksum over a large table is one statement. */
const STATEMENT_MS = 60 * 60_000;

/** The logger of a tool says nothing: what it has to say is its output. */
const pool = (url: string): Pool =>
  createPool(
    {
      url,
      app: 'projections',
      max: 6,
      idleInTransactionMs: IDLE_IN_TRANSACTION_MS,
      statementMs: STATEMENT_MS,
    },
    createLogger('projections', 'silent'),
  );

export async function withPool<T>(work: (pool: Pool) => Promise<T>): Promise<T> {
  const opened = pool(loadConfig(DatabaseConfig).DATABASE_URL);
  try {
    return await work(opened);
  } finally {
    await opened.end();
  }
}

export async function withStore<T>(work: (pool: Pool, client: EventStoreDBClient) => Promise<T>): Promise<T> {
  const { DATABASE_URL, EVENTSTORE_URL } = loadConfig(StoreConfig);
  const client = connectEventStore(EVENTSTORE_URL);
  const opened = pool(DATABASE_URL);
  try {
    return await work(opened, client);
  } finally {
    await opened.end();
    await dispose(client);
  }
}
