import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { openTestPostgres } from '../../support/postgres.js';

/** A schema of its own on the server under test, and any number of sessions in it. */
export interface TestSchema {
  session(): Promise<Client>;
  stop(): Promise<void>;
}

export async function createTestSchema(): Promise<TestSchema> {
  const server = await openTestPostgres();
  const schema = `contract_${randomUUID().replaceAll('-', '')}`;
  const open: Client[] = [];
  const session = async () => {
    const client = new Client(server.url);
    // A session that a test terminates emits an error, which would end the process without a listener.
    client.on('error', () => undefined);
    await client.connect();
    open.push(client);
    await client.query(`SET search_path TO ${schema}`);
    return client;
  };
  const owner = await session();
  await owner.query(`CREATE SCHEMA ${schema}`);
  return {
    session,
    async stop() {
      const [, ...others] = open;
      await Promise.all(others.map((client) => client.end()));
      await owner.query(`DROP SCHEMA ${schema} CASCADE`);
      await owner.end();
      await server.stop();
    },
  };
}

/** Resolves as soon as one session waits for a lock that the other holds. */
export async function untilBlocked(observer: Client, waiting: Client, holding: Client): Promise<void> {
  const [waiter, holder] = [pidOf(waiting), pidOf(holding)];
  for (;;) {
    const { rows } = await observer.query<{ blocked: boolean }>(
      'SELECT $2::int = ANY (pg_blocking_pids($1)) AS blocked',
      [waiter, holder],
    );
    if (rows[0]?.blocked) return;
  }
}

/**
 * Returns the pid of the backend, which a client learns when it connects, so that no query has to wait for another one.
 */
export function pidOf(client: Client): number {
  const { processID } = client as Client & { processID: number | null };
  if (processID === null) throw new Error('not connected');
  return processID;
}
