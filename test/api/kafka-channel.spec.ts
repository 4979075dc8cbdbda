import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { PARTITIONS, TOPICS } from '#libs/contracts';
import { BatchConsumer, createKafka, ensureTopics, type Kafka, Producer } from '#libs/kafka';
import { createLogger, Health } from '#libs/platform';
import { commandOf } from '../../apps/api/src/commands/command-of.js';
import { type OpenChannel, openKafkaChannel } from '../../apps/api/src/commands/open-kafka-channel.js';
import { type KafkaUnderTest, kafkaUnderTest } from '../support/kafka.js';
import { START_MS } from './api-under-test.js';

const logger = createLogger('kafka-channel', 'silent');
const onFatal = (reason: string) => {
  throw new Error(reason);
};
const instanceId = randomUUID();
const health = new Health();

let broker: KafkaUnderTest;
let kafka: Kafka;
let producer: Producer;
let decider: BatchConsumer;
let open: OpenChannel;
/** Decides nothing while false. */
let deciding = true;

/** Accepts every command. A message that is no outcome goes before each answer. */
async function startDecider(): Promise<void> {
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

const openChannel = (timeoutMs: number) =>
  openKafkaChannel(
    { brokers: broker.brokers.join(), instanceId, timeoutMs, onFatal },
    health,
    new Registry(),
    logger,
  );

const command = () =>
  commandOf('invitations.ignore.v1', randomUUID(), { invitationId: `ann.${randomUUID()}`, actorId: 'bob' });

beforeAll(async () => {
  broker = await kafkaUnderTest();
  kafka = createKafka({ brokers: broker.brokers.join(), clientId: 'kafka-channel' }, logger);
  await ensureTopics(kafka, [{ topic: TOPICS.commands, numPartitions: PARTITIONS }]);
  producer = new Producer(kafka);
  await producer.connect();
  await startDecider();
  open = await openChannel(20_000);
}, START_MS);
afterAll(async () => {
  await open.close();
  await decider.stop();
  await producer.disconnect();
  await broker.stop();
}, START_MS);

describe('the command channel over Kafka', () => {
  it('is ready when it is open, and hears the outcome of the very first command', async () => {
    expect(health.report().ready).toBe(true);
    const first = command();
    expect(await open.channel.ask(first)).toEqual({ commandId: first.commandId, outcome: 'accepted' });
  });

  it('tells many commands apart, and all who wait for one the same', async () => {
    const commands = Array.from({ length: 50 }, command);
    const outcomes = await Promise.all([...commands, ...commands].map((one) => open.channel.ask(one)));
    expect(outcomes.map((outcome) => outcome?.commandId)).toEqual(
      [...commands, ...commands].map(({ commandId }) => commandId),
    );
  });

  it('hears outcomes after a restart of the same instance', async () => {
    await open.close();
    open = await openChannel(20_000);
    const next = command();
    expect(await open.channel.ask(next)).toMatchObject({ commandId: next.commandId });
  });

  it('has no outcome where nobody decides', async () => {
    deciding = false;
    await open.close();
    open = await openChannel(500);
    expect(await open.channel.ask(command())).toBeUndefined();
    deciding = true;
  });
});
