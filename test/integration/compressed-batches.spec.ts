import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readBatchHeader } from '../../libs/dev-servers/src/kafka/protocol/record-batch.js';
import { BrokerHarness } from './dev-servers/broker-harness.js';
import { until } from '../support/until.js';
import { ConsumerHarness } from './support/consumer-harness.js';

const isInstalled = spawnSync('kcat', ['-V']).status === 0;
if (!isInstalled)
  console.warn('Batches of an independent client are not compressed: kcat is not on the PATH.');

/** An unknown codec ends a plain consumer of kafkajs permanently, for all topics. */
(isInstalled ? describe : describe.skip)('batches of a publisher on librdkafka', () => {
  let broker: BrokerHarness;
  let harness: ConsumerHarness;

  beforeAll(async () => {
    broker = await BrokerHarness.start();
    harness = await ConsumerHarness.open([broker.address]);
  });
  afterAll(async () => {
    await harness.close();
    await broker.remove();
  });

  it.each(['gzip', 'snappy', 'lz4', 'zstd'])('reads batches that are compressed with %s', async (codec) => {
    const topic = await harness.topic();
    const lines = Array.from({ length: 500 }, (_, n) => `${'a message '.repeat(10)}${n}`);
    const args = ['-b', broker.address, '-P', '-t', topic, '-z', codec, '-X', 'linger.ms=100'];
    const { status, stderr } = spawnSync('kcat', args, { input: lines.join('\n'), encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
    const [segment] = await broker.segmentsOf(topic);
    expect(readBatchHeader(await readFile(segment!)).compressed).toBe(true);

    const read: string[] = [];
    const consumer = harness.consumer(topic, async (messages) => {
      read.push(...messages.map(({ value }) => String(value)));
    });
    await consumer.start();
    await until(() => read.length >= lines.length || consumer.fatal.length > 0, 30_000, 'the messages');
    expect(consumer.fatal).toEqual([]);
    expect(read).toEqual(lines);
  });
});
