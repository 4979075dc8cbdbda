import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Client } from 'pg';
import { PARTITIONS, TOPICS } from '#libs/contracts';
import { Broker } from '../commands/broker.js';
import { DIST, startChild } from '../support/child.js';
import { startServers, type BenchServers } from '../support/servers.js';
import { profiles } from './mails.js';

/** What the sink has received since its start. */
export interface Had {
  readonly port: number;
  readonly mails: number;
  readonly bytes: number;
}

/** The servers with their topics and members, the sink, and the bench's own connections to them. */
export interface BenchHarness {
  readonly servers: BenchServers;
  readonly broker: Broker;
  readonly db: Client;
  readonly sinkPid: number;
  /** Returns what the sink has received. */
  had(): Promise<Had>;
  /** Waits until the sink has received a number of e-mails. */
  untilHad(mails: number): Promise<Had>;
  stop(): Promise<void>;
}

export async function openBenchHarness(): Promise<BenchHarness> {
  const servers = await startServers();
  await migrate(servers.postgres);
  const sink = startChild('test/perf/mail/sink.main.js', {});
  const broker = await Broker.connect(servers.kafka);
  const db = new Client(servers.postgres);
  await db.connect();
  const { profiles: members, sent, reminderDue, accepted, replied } = TOPICS;
  await broker.createTopics([members, sent, reminderDue, accepted, replied], PARTITIONS);
  await broker.publish(members, profiles(), (one) => ({ key: one.id, value: JSON.stringify(one) }));
  const had = () => sink.message() as Promise<Had>;
  return {
    servers,
    broker,
    db,
    sinkPid: sink.pid,
    had,
    async untilHad(mails) {
      for (;;) {
        const now = await had();
        if (now.mails >= mails) return now;
      }
    },
    async stop() {
      await Promise.all([broker.disconnect(), db.end(), sink.stop()]);
      await servers.stop();
    },
  };
}

async function migrate(DATABASE_URL: string): Promise<void> {
  const job = fork(join(DIST, 'apps/notification/src/migrate.main.js'), {
    env: { ...process.env, DATABASE_URL, LOG_LEVEL: 'warn' },
  });
  const [code] = (await once(job, 'exit')) as [number | null];
  if (code !== 0) throw new Error('the migrations failed');
}
