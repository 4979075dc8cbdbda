import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Partitioners, type Producer } from 'kafkajs';
import { createKafka, readTopicToEnd, type ConsumedMessage } from '#libs/kafka';
import { openTestKafka, type TestKafka } from '../support/kafka.js';
import { realServers } from '../support/real-servers.js';
import { ConsumerHarness, SILENT, valuesOf } from './support/consumer-harness.js';

const hasTransactions = realServers().has('kafka');
if (!hasTransactions) {
  console.warn(
    'The reading of transactions is skipped: the development broker has none. TEST_SERVERS=kafka runs it.',
  );
}

// oxlint-disable-next-line jest/no-disabled-tests -- said above, where there are no transactions
(hasTransactions ? describe : describe.skip)('readTopicToEnd with a transactional publisher', () => {
  let server: TestKafka;
  let harness: ConsumerHarness;
  let topic: string;
  const producers: Producer[] = [];

  beforeAll(async () => {
    server = await openTestKafka();
    harness = await ConsumerHarness.open(server.brokers);
    topic = await harness.topic();
    await publish('committed', (transaction) => transaction.commit());
    await publish('aborted', (transaction) => transaction.abort());
    await publish('open', () => Promise.resolve());
    await harness.send(topic, 1);
  }, 300_000);

  afterAll(async () => {
    for (const producer of producers) await producer.disconnect();
    await harness?.close();
    await server?.stop();
  });

  async function publish(
    value: string,
    end: (transaction: Awaited<ReturnType<Producer['transaction']>>) => Promise<void>,
  ): Promise<void> {
    const kafka = createKafka({ brokers: harness.brokers, clientId: 'test' }, SILENT);
    const producer = kafka.producer({
      transactionalId: randomUUID(),
      idempotent: true,
      maxInFlightRequests: 1,
      createPartitioner: Partitioners.DefaultPartitioner,
    });
    producers.push(producer);
    await producer.connect();
    const transaction = await producer.transaction();
    await transaction.send({ topic, messages: [{ value }] });
    await end(transaction);
  }

  async function read(includesAborted: boolean): Promise<readonly string[]> {
    const messages: ConsumedMessage[] = [];
    const kafka = createKafka({ brokers: harness.brokers, clientId: 'test' }, SILENT);
    await readTopicToEnd(kafka, topic, { groupPrefix: 'test.read', includesAborted }, (message) => {
      messages.push(message);
    });
    return valuesOf(messages);
  }

  it('reads what was committed before the first open transaction', async () => {
    expect(await read(false)).toEqual(['committed']);
  });

  it('finds what was aborted for those who look for every copy', async () => {
    expect(await read(true)).toEqual(['committed', 'aborted']);
  });
});
