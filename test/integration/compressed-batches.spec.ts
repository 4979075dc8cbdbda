import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readBatchHeader } from '../../libs/dev-servers/src/kafka/protocol/batch.js';
import { BrokerUnderControl } from '../dev-servers/kafka-broker.js';
import { until } from '../support/until.js';
import { KafkaWorld } from './support/kafka-world.js';

const isInstalled = spawnSync('kcat', ['-V']).status === 0;
if (!isInstalled)
  console.warn('Batches of an independent client are not compressed: kcat is not on the PATH.');

/** What an unknown kind of compression does to a consumer of kafkajs is to end it, for all topics and for good. */
(isInstalled ? describe : describe.skip)('batches of a publisher on librdkafka', () => {
  let broker: BrokerUnderControl;
  let world: KafkaWorld;

  beforeAll(async () => {
    broker = await BrokerUnderControl.start();
    world = await KafkaWorld.open([broker.address]);
  });
  afterAll(async () => {
    await world.close();
    await broker.remove();
  });

  it.each(['gzip', 'snappy', 'lz4', 'zstd'])('are read when they are compressed with %s', async (codec) => {
    const topic = await world.topic();
    const lines = Array.from({ length: 500 }, (_, n) => `${'a message '.repeat(10)}${n}`);
    const args = ['-b', broker.address, '-P', '-t', topic, '-z', codec, '-X', 'linger.ms=100'];
    const { status, stderr } = spawnSync('kcat', args, { input: lines.join('\n'), encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
    const [segment] = await broker.segmentsOf(topic);
    expect(readBatchHeader(await readFile(segment!)).compressed).toBe(true);

    const read: string[] = [];
    const consumer = world.consumer(topic, async (messages) => {
      read.push(...messages.map(({ value }) => String(value)));
    });
    await consumer.start();
    await until(() => read.length >= lines.length || consumer.fatal.length > 0, 30_000, 'the messages');
    expect(consumer.fatal).toEqual([]);
    expect(read).toEqual(lines);
  });
});
