import { mkdtemp, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { accountStateProjection, toAccountEvent } from '#libs/account-state';
import { startPostgres } from '#libs/dev-servers';
import { AccountRepository, closeEventStore, connectEventStore } from '#libs/event-store';
import type { InvitationEvent } from '#libs/invitation';
import { createLogger, createPool, Health, type Pool } from '#libs/platform';
import {
  createEventLog,
  ProjectionMetrics,
  ProjectionWorker,
  tableSink,
  WORKER_DEFAULTS,
  WorkerStatus,
} from '#libs/projection';
import { startEventStoreProcess } from '../../support/event-store-process.js';
import { migrate } from '../support/servers.js';

const APPEND_EVENTS = 500;
const POLL_MS = 2;

/** An event store, a database, and the worker that keeps the state of the accounts. */
export interface HistoryHarness {
  readonly pool: Pool;
  readonly repository: AccountRepository;
  /** Appends a history to a new account. */
  append(accountId: string, events: readonly InvitationEvent[]): Promise<void>;
  /** Waits until the projection has the last event of an account. */
  untilProjected(accountId: string): Promise<void>;
  stop(): Promise<void>;
}

export async function openHistoryHarness(): Promise<HistoryHarness> {
  const dir = await mkdtemp(join(tmpdir(), 'invitations-bench-'));
  const [store, postgres] = await Promise.all([
    startEventStoreProcess({ dataDir: join(dir, 'event-store') }),
    startPostgres({ dataDir: join(dir, 'postgres') }),
  ]);
  await migrate(postgres.addresses.url);
  const client = connectEventStore(store.addresses.url);
  const reader = connectEventStore(store.addresses.url);
  const logger = createLogger('bench', 'warn');
  const pool = createPool({ url: postgres.addresses.url, app: 'bench' }, logger);
  const status = new WorkerStatus(
    accountStateProjection.name,
    new Health(),
    new ProjectionMetrics(new Registry()),
    logger,
    () => new Date(),
  );
  const settings = {
    ...WORKER_DEFAULTS,
    projection: accountStateProjection.name,
    replica: hostname(),
  };
  const sink = tableSink(accountStateProjection, toAccountEvent);
  const worker = new ProjectionWorker(
    settings,
    pool,
    createEventLog(() => reader),
    sink,
    status,
  );
  worker.start();
  const repository = new AccountRepository(client);
  const ends = new Map<string, bigint>();
  const append = repository.append.bind(repository);
  repository.append = async (accountId, ...rest) => {
    const revision = await append(accountId, ...rest);
    ends.set(accountId, revision);
    return revision;
  };
  return {
    pool,
    repository,
    async append(accountId, events) {
      let revision: bigint | undefined;
      for (let first = 0; first < events.length; first += APPEND_EVENTS)
        revision = await repository.append(accountId, revision, events.slice(first, first + APPEND_EVENTS));
    },
    async untilProjected(accountId) {
      for (;;) {
        const { rows } = await pool.query<{ revision: string }>(
          'SELECT revision FROM read_models.account_state WHERE key = $1',
          [accountId],
        );
        if (rows[0]?.revision === String(ends.get(accountId))) return;
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
    },
    async stop() {
      await worker.stop();
      await pool.end();
      await Promise.all([closeEventStore(client), closeEventStore(reader)]);
      await Promise.all([store.stop(), postgres.stop()]);
      await rm(dir, { recursive: true, force: true });
    },
  };
}
