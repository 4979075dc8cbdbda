import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { startEventStore } from '#libs/dev-servers';
import { startChild } from '../support/child.js';
import { startServers, type BenchServers } from '../support/servers.js';

/** A log with events in it. */
export interface Log {
  readonly url: string;
  readonly pid: number;
  /** Of the event that ends the uncounted ones, and of the last. */
  positions?: readonly [bigint, bigint];
}

export interface Setting {
  readonly servers: BenchServers;
  readonly db: Client;
  /** A server of its own, with so many events. */
  openLog(events: number): Promise<Log>;
  /** The inbox projection as if it had never run. */
  forgetInbox(): Promise<void>;
  stop(): Promise<void>;
}

export async function openSetting(): Promise<Setting> {
  const servers = await startServers();
  const db = new Client(servers.postgres);
  await db.connect();
  const closing: (() => Promise<void>)[] = [];
  return {
    servers,
    db,
    async openLog(events) {
      const dataDir = await mkdtemp(join(tmpdir(), 'invitations-bench-log-'));
      const store = await startEventStore({ dataDir });
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
      // Not in the middle of a run.
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

/** @param run part of the accounts' names: each time another */
export async function preload(url: string, run: string, events: number): Promise<void> {
  const child = startChild('test/bench/projections/preload.main.js', {
    EVENTSTORE_URL: url,
    RUN: run,
    COUNT: String(events),
  });
  await child.ended();
}
