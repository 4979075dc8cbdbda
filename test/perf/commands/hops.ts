import { findProjectedAccounts } from '#libs/account-state';
import { randomUUID } from 'node:crypto';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { claimCommands, storeOutcomes } from '#libs/command-outcomes';
import { closeEventStore, connectEventStore, AccountRepository } from '#libs/event-store';
import { createLogger, createPool } from '#libs/platform';
import { findMemberFacts } from '#libs/profiles';
import { outcomeMessage } from '../../../apps/command/src/intake/batch-publisher.js';
import { HOP_TOPICS } from './hop-topics.js';
import { REPLIES, type BenchHarness } from './bench-harness.js';
import { commandMessage, recipient, sentEvent } from './workload.js';

/** Durations of one hop in milliseconds, measured one after another on idle servers. */
export type Hops = Readonly<Record<string, readonly number[]>>;

/** Measures each hop of a command alone, with one message at a time. */
export async function measureHops({ servers }: BenchHarness, count: number): Promise<Hops> {
  const command = () =>
    commandMessage({ inviterId: `hop-${randomUUID()}`, recipientId: recipient(1) }, REPLIES);
  const reply = () => outcomeMessage(REPLIES, randomUUID(), undefined, new Date().toISOString());
  const asked = await kafkaHop(servers.kafka, HOP_TOPICS[0], command, count);
  const stored = await storeHops(servers.eventStore, servers.postgres, count);
  const answered = await kafkaHop(servers.kafka, HOP_TOPICS[1], reply, count);
  return {
    'produce the command': asked.produced,
    'consume the command': asked.consumed,
    'look up what is known (PostgreSQL)': stored.lookedUp,
    'append the event': stored.appended,
    'store the outcome (PostgreSQL)': stored.stored,
    'produce the reply': answered.produced,
    'consume the reply': answered.consumed,
  };
}

type Sendable = Parameters<ReturnType<Kafka['producer']>['send']>[0]['messages'][number];

/** Measures from sending to the broker's confirmation, and from there to the consumer. */
async function kafkaHop(brokers: string, topic: string, make: () => Sendable, count: number) {
  const kafka = new Kafka({ clientId: 'hop', brokers: [brokers], logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  const consumer = kafka.consumer({ groupId: `hop-${randomUUID()}`, maxWaitTimeInMs: 250 });
  await Promise.all([producer.connect(), consumer.connect()]);
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  let heard = Promise.withResolvers<number>();
  await consumer.run({ eachMessage: async () => heard.resolve(performance.now()) });
  await producer.send({ topic, messages: [make()] });
  await heard.promise;
  const produced: number[] = [];
  const consumed: number[] = [];
  for (let n = 0; n < count; n += 1) {
    heard = Promise.withResolvers();
    const message = make();
    const begin = performance.now();
    await producer.send({ topic, messages: [message] });
    const confirmed = performance.now();
    produced.push(confirmed - begin);
    consumed.push(Math.max(0, (await heard.promise) - confirmed));
  }
  await Promise.all([producer.disconnect(), consumer.disconnect()]);
  return { produced, consumed };
}

async function storeHops(eventStore: string, postgres: string, count: number) {
  const client = connectEventStore(eventStore);
  const accounts = new AccountRepository(client);
  const pool = createPool({ url: postgres, app: 'bench' }, createLogger('bench', 'warn'));
  const lookedUp: number[] = [];
  const appended: number[] = [];
  const stored: number[] = [];
  for (let n = 0; n < count; n += 1) {
    const event = sentEvent({ inviterId: `hop-${randomUUID()}`, recipientId: recipient(n) });
    const { commandId, inviterId: actorId, recipientId } = event;
    const holder = randomUUID();
    const content = { commandId, accountId: actorId, actorId, digest: '00'.repeat(32) };
    lookedUp.push(
      await timed(async () => {
        await claimCommands(pool, [content], { holder, endedHolders: [], leaseMs: 0 });
        await Promise.all([
          findMemberFacts(pool, [recipientId], [actorId]),
          findProjectedAccounts(
            pool,
            [{ accountId: actorId, entries: [{ commandId, members: [recipientId], invitations: [] }] }],
            [recipientId, actorId],
          ),
        ]);
      }),
    );
    appended.push(await timed(() => accounts.append(actorId, undefined, [event])));
    stored.push(await timed(() => storeOutcomes(pool, [{ commandId, actorId }], event.at, holder)));
  }
  await closeEventStore(client);
  await pool.end();
  return { lookedUp, appended, stored };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}
