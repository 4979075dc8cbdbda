import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { CompressionTypes } from 'kafkajs';
import { eventually, PATIENT_MS, refusal, KafkaHarness } from './kafka-harness.js';

jest.setTimeout(PATIENT_MS);

let bench: KafkaHarness;

beforeAll(async () => {
  bench = await KafkaHarness.open();
});

afterAll(() => bench.close());

describe('records', () => {
  it('are consumed as they were sent: key, value, headers, timestamp, or none of these', async () => {
    const topic = await bench.topic();
    const producer = await bench.producer();
    const timestamp = String(Date.now() - 1_234);
    const binary = Buffer.from([0, 255, 128, 10]);
    await producer.send({
      topic,
      messages: [
        { key: 'k', value: 'v', timestamp, headers: { text: 'é', binary, several: ['a', 'b'], empty: '' } },
        { key: binary, value: binary },
        { key: 'tombstone', value: null },
        { key: null, value: '' },
      ],
    });
    const [full, bytes, tombstone, bare] = await bench.consume(topic, 4);
    expect(full).toMatchObject({ key: Buffer.from('k'), value: Buffer.from('v'), timestamp, offset: '0' });
    expect(full!.headers).toEqual({
      text: Buffer.from('é'),
      binary,
      several: [Buffer.from('a'), Buffer.from('b')],
      empty: Buffer.alloc(0),
    });
    expect(bytes).toMatchObject({ key: binary, value: binary, headers: {}, offset: '1' });
    expect(tombstone).toMatchObject({ key: Buffer.from('tombstone'), value: null, offset: '2' });
    expect(bare).toMatchObject({ key: null, value: Buffer.alloc(0), offset: '3' });
  });

  it('stay in one partition and in order if they have one key', async () => {
    const topic = await bench.topic(4);
    const producer = await bench.producer();
    const sent = Array.from({ length: 400 }, (_, i) => ({ key: `key ${i % 40}`, value: String(i) }));
    await producer.send({ topic, acks: -1, messages: sent.slice(0, 200) });
    await producer.send({ topic, acks: 1, messages: sent.slice(200) });
    const received = await bench.consume(topic, sent.length);
    expect(received).toHaveLength(sent.length);
    for (const records of Map.groupBy(received, ({ key }) => String(key)).values()) {
      expect(new Set(records.map(({ partition }) => partition)).size).toBe(1);
      const values = records.map(({ value }) => Number(value));
      expect(values).toEqual(values.toSorted((a, b) => a - b));
      expect(values).toHaveLength(10);
    }
    expect(new Set(received.map(({ partition }) => partition)).size).toBeGreaterThan(1);
  });

  it('may be compressed', async () => {
    const topic = await bench.topic();
    const producer = await bench.producer();
    const values = Array.from({ length: 1_000 }, (_, i) => `${'z'.repeat(500)} ${i}`);
    const messages = values.map((value) => ({ value }));
    await producer.send({ topic, compression: CompressionTypes.GZIP, messages });
    const received = await bench.consume(topic, values.length);
    expect(received.map(({ value }) => String(value))).toEqual(values);
  });

  it('may be sent without an acknowledgement', async () => {
    const topic = await bench.topic();
    const producer = await bench.producer();
    await producer.send({ topic, acks: 0, messages: [{ value: 'unacknowledged' }] });
    await producer.send({ topic, acks: 1, messages: [{ value: 'acknowledged' }] });
    const received = await bench.consume(topic, 2);
    expect(received.map(({ value }) => String(value))).toEqual(['unacknowledged', 'acknowledged']);
  });

  it('are rejected if they are larger than the topic allows, and their producer continues', async () => {
    const topic = await bench.topic();
    const producer = await bench.producer({ retry: { retries: 0 } });
    const tooLarge = producer.send({ topic, messages: [{ value: Buffer.alloc(3 * 1_048_576) }] });
    expect(await refusal(tooLarge)).toBe('MESSAGE_TOO_LARGE');
    await producer.send({ topic, messages: [{ value: 'small' }] });
    expect(await bench.admin.fetchTopicOffsets(topic)).toMatchObject([{ high: '1' }]);
  });

  it('are rejected for a topic that does not exist', async () => {
    const producer = await bench.producer({ retry: { retries: 1 } });
    const lost = producer.send({ topic: bench.topicName(), messages: [{ value: 'lost' }] });
    expect(await refusal(lost)).toBe('UNKNOWN_TOPIC_OR_PARTITION');
  });

  it('are rejected by a compacted topic if they have no key', async () => {
    const topic = await bench.topic(1, { 'cleanup.policy': 'compact' });
    const producer = await bench.producer({ retry: { retries: 0 } });
    await producer.send({ topic, messages: [{ key: 'member', value: 'profile' }] });
    expect(await refusal(producer.send({ topic, messages: [{ value: 'whose?' }] }))).toBe('INVALID_RECORD');
    expect(await bench.admin.fetchTopicOffsets(topic)).toMatchObject([{ high: '1' }]);
  });

  it('are found by their timestamp', async () => {
    const topic = await bench.topic();
    const producer = await bench.producer();
    const start = Date.now() - 60_000;
    const at = (seconds: number) => ({ value: `${seconds}`, timestamp: String(start + seconds * 1_000) });
    await producer.send({ topic, messages: [at(0), at(10), at(20)] });
    await producer.send({ topic, messages: [at(30)] });
    const offsetAt = async (seconds: number) =>
      (await bench.admin.fetchTopicOffsetsByTimestamp(topic, start + seconds * 1_000))[0]!.offset;
    expect(await offsetAt(-10)).toBe('0');
    expect(await offsetAt(10)).toBe('1');
    expect(await offsetAt(10.001)).toBe('2');
    expect(await offsetAt(25)).toBe('3');
    // For an offset after the last record, kafkajs returns the end.
    expect(await offsetAt(40)).toBe('4');
  });

  it('are deleted below a given offset', async () => {
    const topic = await bench.topic();
    const producer = await bench.producer();
    await producer.send({ topic, messages: ['a', 'b', 'c', 'd'].map((value) => ({ value })) });
    // kafkajs looks for the partition's leader only in the metadata that it has.
    await bench.admin.fetchTopicOffsets(topic);
    await bench.admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '3' }] });
    const [partition] = await eventually(
      () => bench.admin.fetchTopicOffsets(topic),
      ([found]) => found!.low === '3',
    );
    expect(partition).toMatchObject({ low: '3', high: '4' });
    expect((await bench.consume(topic, 1)).map(({ value }) => String(value))).toEqual(['d']);
  });
});
