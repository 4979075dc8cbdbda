import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventually, PATIENT_MS, refusal, KafkaHarness } from './kafka-harness.js';

jest.setTimeout(PATIENT_MS);

let bench: KafkaHarness;

beforeAll(async () => {
  bench = await KafkaHarness.open();
});

afterAll(() => bench.close());

const partitionsOf = async (topic: string) =>
  (await bench.admin.fetchTopicMetadata({ topics: [topic] })).topics[0]!.partitions;

describe('topics', () => {
  it('are on brokers, one of which is the controller', async () => {
    const { brokers, controller, clusterId } = await bench.admin.describeCluster();
    expect(brokers.map(({ nodeId }) => nodeId)).toContain(controller);
    expect(clusterId).not.toBe('');
  });

  it('are created once, with a leader for each partition', async () => {
    const topic = bench.topicName();
    const creation = { topics: [{ topic, numPartitions: 3 }], waitForLeaders: false };
    expect(await bench.admin.createTopics(creation)).toBe(true);
    expect(await bench.admin.createTopics(creation)).toBe(false);
    await eventually(
      () => bench.admin.listTopics(),
      (topics) => topics.includes(topic),
    );
    const { brokers } = await bench.admin.describeCluster();
    const nodes = brokers.map(({ nodeId }) => nodeId);
    const partitions = await eventually(
      () => partitionsOf(topic).catch(() => []),
      (found) => found.length === 3 && found.every(({ leader }) => leader >= 0),
    );
    expect(partitions.map(({ partitionId }) => partitionId).toSorted((a, b) => a - b)).toEqual([0, 1, 2]);
    for (const { leader } of partitions) expect(nodes).toContain(leader);
  });

  it('can get more partitions and never fewer', async () => {
    const topic = await bench.topic(2);
    await bench.admin.createPartitions({ topicPartitions: [{ topic, count: 4 }] });
    const partitions = await eventually(
      () => partitionsOf(topic),
      (found) => found.length === 4,
    );
    expect(partitions).toHaveLength(4);
    const shrink = bench.admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] });
    expect(await refusal(shrink)).toBe('INVALID_PARTITIONS');
    const producer = await bench.producer();
    await producer.send({ topic, messages: [{ partition: 3, value: 'in the new one' }] });
    expect(await bench.consume(topic, 1)).toMatchObject([{ partition: 3 }]);
  });

  it('keep the settings with which they were created', async () => {
    const topic = await bench.topic(1, { 'retention.ms': '3600000', 'cleanup.policy': 'compact' });
    const resources = [
      { type: 2, name: topic, configNames: ['retention.ms', 'cleanup.policy', 'retention.bytes'] },
    ];
    const described = await eventually(
      () => bench.admin.describeConfigs({ includeSynonyms: false, resources }),
      (answer) => answer.resources[0]!.configEntries.length > 0,
    );
    const settings = described.resources[0]!.configEntries.map(({ configName, configValue }) => [
      configName,
      configValue,
    ]);
    expect(Object.fromEntries(settings)).toEqual({
      'retention.ms': '3600000',
      'cleanup.policy': 'compact',
      'retention.bytes': '-1',
    });
  });

  it.each([
    ['no setting of that name', { 'retention.sm': '1' }],
    ['no number', { 'retention.ms': 'a week' }],
    ['no policy', { 'cleanup.policy': 'compress' }],
  ])('are rejected with a setting that is %s', async (_, settings) => {
    expect(await refusal(bench.topic(1, settings))).toBe('INVALID_CONFIG');
  });

  it('are rejected without a partition', async () => {
    expect(await refusal(bench.topic(0))).toBe('INVALID_PARTITIONS');
  });

  it.each(['a b', '..', 'ü', 'x'.repeat(250)])('are rejected with the name %p', async (topic) => {
    const creation = bench.admin.createTopics({ topics: [{ topic, numPartitions: 1 }] });
    expect(await refusal(creation)).toBe('INVALID_TOPIC_EXCEPTION');
  });

  it('are rejected with a name that differs from another only in dots and underscores', async () => {
    const topic = await bench.topic();
    const creation = bench.admin.createTopics({ topics: [{ topic: topic.replace('.', '_') }] });
    expect(await refusal(creation)).toBe('INVALID_TOPIC_EXCEPTION');
  });

  it('do not exist after deletion, and are empty when created again', async () => {
    const topic = await bench.topic();
    const producer = await bench.producer();
    await producer.send({ topic, messages: [{ value: 'old' }, { value: 'older' }] });
    await bench.admin.deleteTopics({ topics: [topic] });
    const left = await eventually(
      () => bench.admin.listTopics(),
      (topics) => !topics.includes(topic),
    );
    expect(left).not.toContain(topic);
    await bench.admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: false });
    const offsets = await eventually(
      () => bench.admin.fetchTopicOffsets(topic).catch(() => []),
      (found) => found.length === 1,
    );
    expect(offsets).toMatchObject([{ low: '0', high: '0' }]);
  });

  it('are not created by a metadata request', async () => {
    const topic = bench.topicName();
    const asked = bench.admin.fetchTopicMetadata({ topics: [topic] });
    expect(await refusal(asked)).toBe('UNKNOWN_TOPIC_OR_PARTITION');
    expect(await bench.admin.listTopics()).not.toContain(topic);
  });
});
