import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { librdkafkaOptions } from './access.js';
import { PATIENT_MS, KafkaHarness } from './kafka-harness.js';

jest.setTimeout(PATIENT_MS);

const isInstalled = spawnSync('kcat', ['-V']).status === 0;
if (!isInstalled) console.warn('The suite with an independent client is skipped: kcat is not on the PATH.');
const describeWithKcat = isInstalled ? describe : describe.skip;

let bench: KafkaHarness;

/** Runs kcat (a client on librdkafka) with `input`, and returns its output. */
async function kcat(args: readonly string[], input = ''): Promise<string> {
  const options = ['-b', bench.brokers.join(','), ...librdkafkaOptions(bench.access)];
  const child = spawn('kcat', [...options, ...args]);
  child.stdin.end(input);
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  if (code !== 0) throw new Error(`kcat ${args.join(' ')}: ${errors}`);
  return output;
}

const linesOf = (output: string) =>
  output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describeWithKcat('kcat', () => {
  beforeAll(async () => {
    bench = await KafkaHarness.open();
  });

  afterAll(() => bench.close());

  it('lists a topic', async () => {
    const topic = await bench.topic(3);
    const { topics } = JSON.parse(await kcat(['-L', '-J', '-t', topic])) as {
      topics: { topic: string; partitions: unknown[] }[];
    };
    expect(topics).toMatchObject([
      { topic, partitions: [{ partition: 0 }, { partition: 1 }, { partition: 2 }] },
    ]);
  });

  it('consumes messages that kafkajs produced', async () => {
    const topic = await bench.topic();
    const producer = await bench.producer();
    const timestamp = String(Date.now() - 5_000);
    await producer.send({
      topic,
      messages: [
        { key: 'k', value: 'v', timestamp, headers: { ce_id: '7' } },
        { key: 'gone', value: null, timestamp },
      ],
    });
    const records = linesOf(await kcat(['-C', '-t', topic, '-o', 'beginning', '-e', '-J', '-q']));
    expect(records).toMatchObject([
      {
        topic,
        partition: 0,
        offset: 0,
        ts: Number(timestamp),
        headers: ['ce_id', '7'],
        key: 'k',
        payload: 'v',
      },
      { offset: 1, key: 'gone', payload: null },
    ]);
  });

  it.each([
    ['plainly', []],
    ['compressed', ['-z', 'gzip']],
    ['idempotently', ['-X', 'enable.idempotence=true']],
  ])('produces messages that kafkajs consumes, %s', async (_, options) => {
    const topic = await bench.topic();
    const lines = 'a:1\nb:2\nc:3\n';
    await kcat(['-P', '-t', topic, '-K', ':', '-H', 'ce_type=test', '-H', 'n=1', ...options], lines);
    const received = await bench.consume(topic, 3);
    expect(received.map(({ key, value }) => `${String(key)}:${String(value)}`)).toEqual([
      'a:1',
      'b:2',
      'c:3',
    ]);
    const headers = { ce_type: Buffer.from('test'), n: Buffer.from('1') };
    for (const record of received) expect(record.headers).toEqual(headers);
  });

  it('consumes as a group, and commits its offsets', async () => {
    const topic = await bench.topic(2);
    const groupId = bench.groupId();
    const producer = await bench.producer();
    const values = ['a', 'b', 'c', 'd'];
    await producer.send({ topic, messages: values.map((value, i) => ({ partition: i % 2, value })) });
    const read = ['-X', 'auto.offset.reset=earliest', '-e', '-J', '-q', '-G', groupId, topic];
    const records = linesOf(await kcat(read));
    expect(new Set(records.map(({ payload }) => payload))).toEqual(new Set(values));
    expect(records).toHaveLength(values.length);
    const [offsets] = await bench.admin.fetchOffsets({ groupId, topics: [topic] });
    expect(offsets!.partitions.map(({ offset }) => offset)).toEqual(['2', '2']);
    expect(linesOf(await kcat(read))).toEqual([]);
  });

  it('starts at a timestamp', async () => {
    const topic = await bench.topic();
    const producer = await bench.producer();
    const start = Date.now() - 60_000;
    const messages = [0, 10, 20].map((s) => ({ value: String(s), timestamp: String(start + s * 1_000) }));
    await producer.send({ topic, messages });
    const from = `s@${start + 10_000}`;
    const records = linesOf(await kcat(['-C', '-t', topic, '-o', from, '-e', '-J', '-q']));
    expect(records.map(({ payload }) => payload)).toEqual(['10', '20']);
  });
});
