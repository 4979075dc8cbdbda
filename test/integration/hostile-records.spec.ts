import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { compressFrameSync } from 'lz4-napi';
import { compressSync } from 'snappy';
import {
  createKafka,
  Producer,
  readTopicToEnd,
  RecordHeaders,
  type ConsumedMessage,
  type UndecodableBatch,
} from '#libs/kafka';
import { crc32c } from '../../libs/kafka/src/protocol/record-primitives.js';
import { encodeBatch } from '../../libs/kafka/src/protocol/record-batch-encoder.js';
import { produceRaw, RawClient } from '../contract/kafka/raw-client.js';
import { openTestKafka, type TestKafka } from '../support/kafka.js';
import { until } from '../support/until.js';
import { ConsumerHarness, SILENT, valuesOf } from './support/consumer-harness.js';

const PATIENT_MS = 30_000;
const MIB = 1024 * 1024;

/** Codecs by their number in a batch. A broker also decompresses a batch, and expects records in it. */
const BOMBS: [string, number, (bytes: Buffer) => Buffer][] = [
  ['gzip', 1, (bytes) => gzipSync(bytes)],
  ['snappy', 2, (bytes) => compressSync(bytes)],
  ['LZ4', 3, (bytes) => compressFrameSync(bytes)],
  ['Zstandard', 4, (bytes) => zstdCompressSync(bytes)],
];

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

const kafka = () => createKafka({ brokers: harness.brokers, clientId: 'test' }, SILENT);

/** A batch of two records, of which the second decompresses to more than the limit. */
function bomb(codec: number, compress: (bytes: Buffer) => Buffer): Buffer {
  const messages = [
    { key: null, value: 'small' },
    { key: null, value: Buffer.alloc(17 * MIB) },
  ];
  const encoded = encodeBatch(messages, Date.now());
  const bytes = Buffer.concat([encoded.subarray(0, 61), compress(encoded.subarray(61))]);
  bytes.writeInt16BE(codec, 21);
  bytes.writeInt32BE(bytes.length - 12, 8);
  bytes.writeUInt32BE(crc32c(bytes, 21), 17);
  return bytes;
}

async function produce(topic: string, bytes: Buffer): Promise<void> {
  const client = await RawClient.toLeaderOf(topic, harness.admin);
  expect((await produceRaw(client, topic, bytes)).error).toBe(0);
  client.close();
}

describe('BatchConsumer with hostile records', () => {
  it.each(BOMBS)('skips the batch and goes on with the rest of the topic: %s', async (_, codec, compress) => {
    const topic = await harness.topic();
    await harness.send(topic, 2);
    await produce(topic, bomb(codec, compress));
    await harness.send(topic, 2);
    const expected: Omit<UndecodableBatch, 'timestamp'> = {
      topic,
      partition: 0,
      firstOffset: '2',
      lastOffset: '3',
      reason: `it unpacks to more than ${16 * MIB} bytes`,
    };

    const read: ConsumedMessage[] = [];
    const undecodable: UndecodableBatch[] = [];
    const options = {
      groupPrefix: 'test.hostile',
      onUndecodableBatch: (batch: UndecodableBatch) => void undecodable.push(batch),
    };
    await readTopicToEnd(kafka(), topic, options, (message) => void read.push(message));
    expect(valuesOf(read)).toEqual(['0', '1', '0', '1']);
    expect(undecodable).toEqual([expect.objectContaining(expected)]);

    const handled: ConsumedMessage[] = [];
    const setAside: UndecodableBatch[] = [];
    let outage = true;
    const consumer = harness.consumer(topic, async (messages) => void handled.push(...messages), {
      recordUndecodableBatch: async (batch) => {
        if (outage) {
          outage = false;
          throw new Error('outage');
        }
        setAside.push(batch);
      },
    });
    await consumer.start();
    await until(() => handled.length >= 4, PATIENT_MS, 'the rest of the topic');
    expect(valuesOf(handled)).toEqual(['0', '1', '0', '1']);
    expect(setAside).toEqual([expect.objectContaining(expected)]);
    await until(
      async () => (await harness.committed(consumer.groupId, topic)) === 6,
      PATIENT_MS,
      'the commit',
    );
    await consumer.stop();
  });

  it('keeps headers byte for byte when a message is published again', async () => {
    const topic = await harness.topic();
    const header = (name: string | Buffer, value: string | null) => ({
      name: Buffer.from(name as string),
      value: value === null ? null : Buffer.from(value),
    });
    const headers = RecordHeaders.of([
      ...['toString', 'constructor', '__proto__', 'hasOwnProperty', '2', '1', ''].map((name) =>
        header(name, name),
      ),
      header('again', 'a'),
      header('none', null),
      header('again', 'b'),
      header('نعم', 'é'),
    ]);
    const producer = new Producer(kafka());
    await producer.connect();
    await producer.send([{ topic, key: null, value: 'v', recordHeaders: headers, headers: { last: 'one' } }]);
    await producer.disconnect();
    const read: ConsumedMessage[] = [];
    await readTopicToEnd(
      kafka(),
      topic,
      { groupPrefix: 'test.hostile' },
      (message) => void read.push(message),
    );
    expect([...read[0]!.recordHeaders!]).toEqual([...headers, header('last', 'one')]);
    expect(read[0]!.header('constructor')).toBe('constructor');
    expect(read[0]!.header('toString')).toBe('toString');
    expect(read[0]!.header('valueOf')).toBeUndefined();
  });
});
