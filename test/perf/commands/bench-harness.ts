import { Client } from 'pg';
import { PARTITIONS, TOPICS } from '#libs/contracts';
import { startServers, type BenchServers } from '../support/servers.js';
import { HOP_TOPICS } from './hop-topics.js';
import { Broker } from './broker.js';
import { NAIVE_TOPIC } from '../naive/topic.js';
import { recipient, RECIPIENTS } from './workload.js';

/** The reply topic of the bench. */
export const REPLIES = 'invitations.outcomes.bench';

/** The servers with their topics and members, and the bench's own connections to them. */
export interface BenchHarness {
  readonly servers: BenchServers;
  readonly broker: Broker;
  readonly db: Client;
  stop(): Promise<void>;
}

export async function openBenchHarness(): Promise<BenchHarness> {
  const servers = await startServers();
  const broker = await Broker.connect(servers.kafka);
  const db = new Client(servers.postgres);
  await db.connect();
  await broker.createTopics([TOPICS.commands, NAIVE_TOPIC], PARTITIONS);
  await broker.createTopics([TOPICS.deadLetters, REPLIES, ...HOP_TOPICS], 1);
  const members = Array.from({ length: RECIPIENTS }, (_, n) => recipient(n));
  await db.query(
    `INSERT INTO read_models.members
     SELECT id, 'Name of ' || id, 'Headline', 'https://network.example/in/' || id, id || '@network.example', true
     FROM unnest($1::text[]) AS given (id)`,
    [members],
  );
  return {
    servers,
    broker,
    db,
    async stop() {
      await Promise.all([broker.disconnect(), db.end()]);
      await servers.stop();
    },
  };
}
