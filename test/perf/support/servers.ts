import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startKafka, startPostgres } from '#libs/dev-servers';
import { startEventStoreProcess } from '../../support/event-store-process.js';
import { DIST } from './child.js';

/** The three servers, each a process of its own, and their addresses. */
export interface BenchServers {
  readonly eventStore: string;
  readonly kafka: string;
  readonly postgres: string;
  /** Process ids by the names in the reports. */
  readonly pids: Readonly<Record<'broker' | 'store' | 'PostgreSQL', number>>;
  stop(): Promise<void>;
}

/** Starts the servers on empty directories, with full durability. */
export async function startServers(): Promise<BenchServers> {
  const dir = await mkdtemp(join(tmpdir(), 'invitations-bench-'));
  const [store, broker, postgres] = await Promise.all([
    startEventStoreProcess({ dataDir: join(dir, 'event-store') }),
    startKafka({ dataDir: join(dir, 'kafka') }),
    startPostgres({ dataDir: join(dir, 'postgres') }),
  ]);
  await migrate(postgres.addresses.url);
  return {
    eventStore: store.addresses.url,
    kafka: broker.addresses.brokers,
    postgres: postgres.addresses.url,
    pids: { broker: broker.pid, store: store.pid, PostgreSQL: postgres.pid },
    async stop() {
      await Promise.all([store.stop(), broker.stop(), postgres.stop()]);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

export async function migrate(DATABASE_URL: string): Promise<void> {
  const job = fork(join(DIST, 'libs/read-models/src/migrate.main.js'), {
    env: { ...process.env, DATABASE_URL, LOG_LEVEL: 'warn' },
  });
  const [code] = (await once(job, 'exit')) as [number | null];
  if (code !== 0) throw new Error('the migrations failed');
}
