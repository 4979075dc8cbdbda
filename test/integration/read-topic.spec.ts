import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createKafka, readTopicToEnd, type ConsumedMessage } from '#libs/kafka';
import { openTestKafka, type TestKafka } from '../support/kafka.js';
import { ConsumerHarness, SILENT, valuesOf } from './support/consumer-harness.js';

let server: TestKafka;
let harness: ConsumerHarness;

beforeAll(async () => {
  server = await openTestKafka();
  harness = await ConsumerHarness.open(server.brokers);
});

afterAll(async () => {
  await harness.close();
  await server.stop();
});

async function read(topic: string, since?: number, take?: (message: ConsumedMessage) => Promise<void>) {
  const messages: ConsumedMessage[] = [];
  const kafka = createKafka({ brokers: harness.brokers, clientId: 'test' }, SILENT);
  const options = { groupPrefix: 'test.read', ...(since === undefined ? {} : { since }) };
  await readTopicToEnd(kafka, topic, options, async (message) => {
    messages.push(message);
    await take?.(message);
  });
  return messages;
}

async function trim(topic: string, offset: string): Promise<void> {
  await harness.admin.fetchTopicOffsets(topic); // kafkajs looks for the leader before it has asked who that is
  await harness.admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset }] });
}

describe('readTopicToEnd', () => {
  it('returns at once for an empty topic', async () => {
    expect(await read(await harness.topic(3))).toEqual([]);
  });

  it('reads every message of every partition once and in order', async () => {
    const topic = await harness.topic(3);
    await harness.send(topic, 700, 0);
    await harness.send(topic, 3, 2);
    const messages = await read(topic);
    const of = (partition: number) => valuesOf(messages.filter((message) => message.partition === partition));
    expect(of(0)).toEqual(Array.from({ length: 700 }, (_, n) => String(n)));
    expect(of(2)).toEqual(['0', '1', '2']);
    expect(messages).toHaveLength(703);
  });

  it('reads only messages published since a time, if there are any', async () => {
    const topic = await harness.topic(2);
    await harness.send(topic, 5, 0);
    await harness.send(topic, 5, 1);
    const [last] = (await read(topic)).toSorted((a, b) => b.timestamp - a.timestamp);
    const since = last!.timestamp + 1;
    expect(await read(topic, since)).toEqual([]);
    while (Date.now() < since) await new Promise((resolve) => setImmediate(resolve));
    await harness.send(topic, 2, 1);
    expect(valuesOf(await read(topic, since))).toEqual(['0', '1']);
    expect(await read(topic)).toHaveLength(12);
  });

  it('does not wait for messages that are published meanwhile', async () => {
    const topic = await harness.topic();
    await harness.send(topic, 2);
    const messages = await read(topic, undefined, () => harness.send(topic, 1));
    expect(valuesOf(messages)).toEqual(['0', '1']);
  });

  it('starts at the first remaining message of a trimmed topic, and returns if none remains', async () => {
    const topic = await harness.topic();
    await harness.send(topic, 10);
    await trim(topic, '6');
    expect(valuesOf(await read(topic))).toEqual(['6', '7', '8', '9']);
    await trim(topic, '10');
    expect(await read(topic)).toEqual([]);
  });

  it('returns when the topic is trimmed while it is read', async () => {
    const topic = await harness.topic(2);
    await harness.send(topic, 1, 1);
    // Each is more than a fetch of one partition has.
    for (let n = 0; n < 10; n += 1) await harness.send(topic, 1, 0, 'x'.repeat(300_000));
    let trimmed = false;
    const messages = await read(topic, undefined, async () => {
      if (!trimmed) await trim(topic, '10');
      trimmed = true;
    });
    expect(messages.length).toBeLessThan(11);
  });

  it('fails with the error of its callback, reads no further, and deletes its group', async () => {
    const topic = await harness.topic();
    await harness.send(topic, 3);
    let taken = 0;
    const reading = read(topic, undefined, async () => {
      taken += 1;
      throw new TypeError('mine');
    });
    await expect(reading).rejects.toThrow('mine');
    expect(taken).toBe(1);
    const { groups } = await harness.admin.listGroups();
    expect(groups.filter(({ groupId }) => groupId.startsWith('test.read'))).toEqual([]);
  });

  it('fails when the topic does not exist', async () => {
    await expect(read('test.missing')).rejects.toThrow('This server does not host this topic-partition');
  });
});
