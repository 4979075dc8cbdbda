import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { Topics, PARTITIONS, TOPICS } from '#libs/contracts';
import { BatchConsumer, createKafka, ensureTopics, type Kafka, Producer } from '#libs/kafka';
import { createLogger, Health } from '#libs/platform';
import { createCommand } from '../../../apps/api/src/commands/command-request.js';
import { createKafkaChannel } from '../../../apps/api/src/commands/create-kafka-channel.js';
import type { CommandChannel } from '../../../apps/api/src/commands/kafka-command-channel.js';
import { type TestKafka, openTestKafka } from '../../support/kafka.js';
import { START_MS } from './api-harness.js';

const logger = createLogger('kafka-channel', 'silent');
const onFatal = (reason: string) => {
  throw new Error(reason);
};
const instanceId = randomUUID();
const health = new Health();

let broker: TestKafka;
let kafka: Kafka;
let producer: Producer;
let decider: BatchConsumer;
let channel: CommandChannel;
/** Stops deciding while false. */
let deciding = true;

/** Accepts every command. Publishes an invalid message before each outcome. */
async function startStubCommandApp(): Promise<void> {
  decider = new BatchConsumer(
    kafka,
    {
      groupId: `decider-${instanceId}`,
      topics: [TOPICS.commands],
      handle: async (messages) => {
        for (const message of messages) {
          if (!deciding) continue;
          const commandId = message.header('ce_id')!;
          const value = JSON.stringify({ commandId, outcome: 'accepted' });
          const topic = message.header('reply-to')!;
          await producer.send([{ topic, key: commandId, value: 'no outcome' }]);
          await producer.send([{ topic, key: commandId, value }]);
        }
      },
      onFatal,
    },
    new Health(),
    logger,
  );
  await decider.start();
}

async function openChannel(timeoutMs: number): Promise<CommandChannel> {
  const opened = createKafkaChannel(
    {
      KAFKA_BROKERS: broker.brokers.join(),
      KAFKA_CONNECTION_TIMEOUT: 10_000,
      GROUP_PREFIX: '',
      INSTANCE_ID: instanceId,
      COMMAND_TIMEOUT: timeoutMs,
    },
    new Topics(),
    onFatal,
    health,
    new Registry(),
    logger,
  );
  await opened.connect();
  return opened;
}

const command = () =>
  createCommand('invitations.ignore.v1', randomUUID(), {
    invitationId: `ann.${randomUUID()}`,
    actorId: 'bob',
  });

beforeAll(async () => {
  broker = await openTestKafka();
  kafka = createKafka({ brokers: broker.brokers.join(), clientId: 'kafka-channel' }, logger);
  await ensureTopics(kafka, [{ topic: TOPICS.commands, numPartitions: PARTITIONS }]);
  producer = new Producer(kafka);
  await producer.connect();
  await startStubCommandApp();
  channel = await openChannel(20_000);
}, START_MS);
afterAll(async () => {
  await channel.close();
  await decider.stop();
  await producer.disconnect();
  await broker.stop();
}, START_MS);

describe('createKafkaChannel', () => {
  it('receives the outcome of the first command after opening', async () => {
    expect(health.report().ready).toBe(true);
    const first = command();
    expect(await channel.send(first)).toEqual({ commandId: first.commandId, outcome: 'accepted' });
  });

  it('matches outcomes to many commands, and to all requests for the same one', async () => {
    const commands = Array.from({ length: 50 }, command);
    const outcomes = await Promise.all([...commands, ...commands].map((one) => channel.send(one)));
    expect(outcomes.map((outcome) => outcome?.commandId)).toEqual(
      [...commands, ...commands].map(({ commandId }) => commandId),
    );
  });

  it('receives outcomes after a restart of the same instance', async () => {
    await channel.close();
    channel = await openChannel(20_000);
    const next = command();
    expect(await channel.send(next)).toMatchObject({ commandId: next.commandId });
  });

  it('returns undefined when no command app runs', async () => {
    deciding = false;
    await channel.close();
    channel = await openChannel(500);
    expect(await channel.send(command())).toBeUndefined();
    deciding = true;
  });
});
