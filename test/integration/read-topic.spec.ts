import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createKafka, readTopic, type Incoming } from '#libs/kafka';
import { kafkaUnderTest, type KafkaUnderTest } from '../support/kafka.js';
import { KafkaWorld, SILENT, valuesOf } from './support/kafka-world.js';

let server: KafkaUnderTest;
let world: KafkaWorld;

beforeAll(async () => {
  server = await kafkaUnderTest();
  world = await KafkaWorld.open(server.brokers);
});

afterAll(async () => {
  await world.close();
  await server.stop();
});

async function read(topic: string, since?: number, take?: (message: Incoming) => Promise<void>) {
  const messages: Incoming[] = [];
  const kafka = createKafka({ brokers: world.brokers, clientId: 'test' }, SILENT);
  const options = { groupPrefix: 'test.read', ...(since === undefined ? {} : { since }) };
  await readTopic(kafka, topic, options, async (message) => {
    messages.push(message);
    await take?.(message);
  });
  return messages;
}

async function trim(topic: string, offset: string): Promise<void> {
  await world.admin.fetchTopicOffsets(topic); // kafkajs looks for the leader before it has asked who that is
  await world.admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset }] });
}

describe('reading a topic to its end', () => {
  it('ends at once where there is nothing', async () => {
    expect(await read(await world.topic(3))).toEqual([]);
  });

  it('gives everything of every partition, in order, and nothing twice', async () => {
    const topic = await world.topic(3);
    await world.send(topic, 700, 0);
    await world.send(topic, 3, 2);
    const messages = await read(topic);
    const of = (partition: number) => valuesOf(messages.filter((message) => message.partition === partition));
    expect(of(0)).toEqual(Array.from({ length: 700 }, (_, n) => String(n)));
    expect(of(2)).toEqual(['0', '1', '2']);
    expect(messages).toHaveLength(703);
  });

  it('gives only what was published since a time, also where that is nothing', async () => {
    const topic = await world.topic(2);
    await world.send(topic, 5, 0);
    await world.send(topic, 5, 1);
    const [last] = (await read(topic)).toSorted((a, b) => b.timestamp - a.timestamp);
    const since = last!.timestamp + 1;
    expect(await read(topic, since)).toEqual([]);
    while (Date.now() < since) await new Promise((resolve) => setImmediate(resolve));
    await world.send(topic, 2, 1);
    expect(valuesOf(await read(topic, since))).toEqual(['0', '1']);
    expect(await read(topic)).toHaveLength(12);
  });

  it('does not wait for what is published meanwhile', async () => {
    const topic = await world.topic();
    await world.send(topic, 2);
    const messages = await read(topic, undefined, () => world.send(topic, 1));
    expect(valuesOf(messages)).toEqual(['0', '1']);
  });

  it('begins with what is left of a topic that was trimmed, and ends where nothing is', async () => {
    const topic = await world.topic();
    await world.send(topic, 10);
    await trim(topic, '6');
    expect(valuesOf(await read(topic))).toEqual(['6', '7', '8', '9']);
    await trim(topic, '10');
    expect(await read(topic)).toEqual([]);
  });

  it('ends when the topic is trimmed under it', async () => {
    const topic = await world.topic(2);
    await world.send(topic, 1, 1);
    await world.send(topic, 10, 0);
    let trimmed = false;
    const messages = await read(topic, undefined, async () => {
      if (!trimmed) await trim(topic, '10');
      trimmed = true;
    });
    expect(messages.length).toBeGreaterThanOrEqual(1);
  });

  it('fails with what its reader throws, takes nothing more, and leaves no group behind', async () => {
    const topic = await world.topic();
    await world.send(topic, 3);
    let taken = 0;
    const reading = read(topic, undefined, async () => {
      taken += 1;
      throw new TypeError('mine');
    });
    await expect(reading).rejects.toThrow('mine');
    expect(taken).toBe(1);
    const { groups } = await world.admin.listGroups();
    expect(groups.filter(({ groupId }) => groupId.startsWith('test.read'))).toEqual([]);
  });

  it('fails where there is no such topic', async () => {
    await expect(read('test.missing')).rejects.toThrow('This server does not host this topic-partition');
  });
});
