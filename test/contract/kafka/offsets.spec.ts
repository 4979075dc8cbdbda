import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { untilCoordinated } from './coordinator.js';
import { Changing } from './changing.js';
import { PATIENT_MS, refusal, KafkaHarness } from './kafka-harness.js';

jest.setTimeout(PATIENT_MS);

let bench: KafkaHarness;

beforeAll(async () => {
  bench = await KafkaHarness.open();
});

afterAll(() => bench.close());

async function topicWith(values: number): Promise<string> {
  const topic = await bench.topic();
  const producer = await bench.producer();
  await producer.send({ topic, messages: Array.from({ length: values }, (_, i) => ({ value: String(i) })) });
  return topic;
}

async function committed(groupId: string, topic: string): Promise<string> {
  // kafkajs finds the coordinator here and not when it fetches.
  await untilCoordinated(groupId, bench.admin);
  return (await bench.admin.fetchOffsets({ groupId, topics: [topic] }))[0]!.partitions[0]!.offset;
}

describe('committed offsets', () => {
  it('show the lag of a group', async () => {
    const topic = await topicWith(10);
    const groupId = bench.groupId();
    expect(await committed(groupId, topic)).toBe('-1');
    await bench.consume(topic, 10, groupId);
    const producer = await bench.producer();
    await producer.send({ topic, messages: [{ value: 'one' }, { value: 'more' }] });
    expect(await committed(groupId, topic)).toBe('10');
    expect(await bench.admin.fetchTopicOffsets(topic)).toMatchObject([
      { offset: '12', low: '0', high: '12' },
    ]);
    const { groups } = await bench.admin.listGroups();
    expect(groups.map((group) => group.groupId)).toContain(groupId);
    // Without topics, it returns all topics that the group has committed.
    expect(await bench.admin.fetchOffsets({ groupId })).toMatchObject([
      { topic, partitions: [{ partition: 0, offset: '10' }] },
    ]);
  });

  it('advance only as far as the batch handler has resolved', async () => {
    const topic = await topicWith(10);
    const groupId = bench.groupId();
    const consumer = await bench.consumer({ groupId });
    const progress = new Changing();
    let finished = false;
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: async (work) => {
        for (const { offset } of work.batch.messages) if (Number(offset) < 7) work.resolveOffset(offset);
        await work.commitOffsetsIfNecessary(work.uncommittedOffsets());
        finished = true;
        consumer.pause([{ topic }]);
        progress.changed();
      },
    });
    await progress.until(
      () => finished,
      () => 'a batch',
    );
    expect(await committed(groupId, topic)).toBe('7');
    await consumer.disconnect();
    const rest = await bench.consume(topic, 3, groupId);
    expect(rest.map(({ value }) => String(value))).toEqual(['7', '8', '9']);
  });

  it('keep the metadata that a consumer committed with them', async () => {
    const topic = await topicWith(3);
    const groupId = bench.groupId();
    const consumer = await bench.consumer({ groupId });
    const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({ autoCommit: false, eachMessage: () => Promise.resolve() });
    await joined;
    await consumer.commitOffsets([{ topic, partition: 0, offset: '2', metadata: 'said twö' }]);
    expect(await bench.admin.fetchOffsets({ groupId, topics: [topic] })).toMatchObject([
      { partitions: [{ offset: '2', metadata: 'said twö' }] },
    ]);
    // Nobody else may change the offsets of an active group or delete it.
    const elsewhere = { groupId, topic, partitions: [{ partition: 0, offset: '0' }] };
    expect(await refusal(bench.admin.setOffsets(elsewhere))).toContain('must have no running instances');
    await expect(bench.admin.deleteGroups([groupId])).rejects.toThrow('DeleteGroups');
    expect(await committed(groupId, topic)).toBe('2');
    await consumer.disconnect();
  });

  it('can be set, reset and deleted while the group is empty', async () => {
    const topic = await topicWith(10);
    const groupId = bench.groupId();
    await bench.admin.setOffsets({ groupId, topic, partitions: [{ partition: 0, offset: '7' }] });
    const last = await bench.consume(topic, 3, groupId);
    expect(last.map(({ value }) => String(value))).toEqual(['7', '8', '9']);
    await bench.admin.resetOffsets({ groupId, topic, earliest: true });
    expect(await bench.consume(topic, 10, groupId)).toHaveLength(10);
    await bench.admin.deleteGroups([groupId]);
    expect((await bench.admin.describeGroups([groupId])).groups).toMatchObject([{ state: 'Dead' }]);
    expect(await committed(groupId, topic)).toBe('-1');
  });
});
