import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { startEventStoreProcess } from '../../support/event-store-process.js';
import { startChild } from '../support/child.js';
import { startServers, type BenchServers } from '../support/servers.js';

/** A log with events in it. */
export interface Log {
  readonly url: string;
  readonly pid: number;
  /** The positions of the last event that is not counted, and of the last event. */
  positions?: readonly [bigint, bigint];
}

export interface BenchHarness {
  readonly servers: BenchServers;
  readonly db: Client;
  /** Starts a server with a number of events. */
  openLog(events: number): Promise<Log>;
  /** Resets the inbox projection to its initial state. */
  forgetInbox(): Promise<void>;
  stop(): Promise<void>;
}

export async function openBenchHarness(): Promise<BenchHarness> {
  const servers = await startServers();
  const db = new Client(servers.postgres);
  await db.connect();
  const closing: (() => Promise<void>)[] = [];
  return {
    servers,
    db,
    async openLog(events) {
      const dataDir = await mkdtemp(join(tmpdir(), 'invitations-bench-log-'));
      const store = await startEventStoreProcess({ dataDir });
      closing.push(async () => {
        await store.stop();
        await rm(dataDir, { recursive: true, force: true });
      });
      await preload(store.addresses.url, 'account', events);
      return { url: store.addresses.url, pid: store.pid };
    },
    async forgetInbox() {
      await db.query(
        `TRUNCATE read_models.inbox_g1;
         DELETE FROM read_models.slices WHERE projection = 'inbox';
         DELETE FROM read_models.replicas WHERE projection = 'inbox';
         DELETE FROM read_models.projections WHERE name = 'inbox'`,
      );
      // Prevents a checkpoint during a run.
      await db
        .query('VACUUM ANALYZE read_models.inbox_g1, read_models.slices; CHECKPOINT')
        .catch(async () => {
          await db.query('VACUUM ANALYZE read_models.slices');
          await db.query('CHECKPOINT');
        });
    },
    async stop() {
      await Promise.all(closing.map((close) => close()));
      await db.end();
      await servers.stop();
    },
  };
}

/** @param run part of the accounts' names, different for each run */
export async function preload(url: string, run: string, events: number): Promise<void> {
  const child = startChild('test/perf/projections/preload.main.js', {
    EVENTSTORE_URL: url,
    RUN: run,
    COUNT: String(events),
  });
  await child.ended();
}
