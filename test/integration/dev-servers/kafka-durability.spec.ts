// Over 250 lines: all states in which a kill can leave the files of a broker.
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Partitioners } from 'kafkajs';
import { ErrorCode } from '../../../libs/dev-servers/src/kafka/protocol/error-codes.js';
import { Changing } from '../../contract/kafka/changing.js';
import { produceRaw, RawClient, rawBatch } from '../../contract/kafka/raw-client.js';
import { BrokerHarness } from './broker-harness.js';

let broker: BrokerHarness;

beforeEach(async () => {
  broker = await BrokerHarness.start();
});

afterEach(() => broker.remove());

const numbered = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => ({ value: String(from + i) }));
const valuesOf = (messages: { value: string }[]) => messages.map(({ value }) => value);

const HOUR_MS = 3_600_000;
const MIB = 1_048_576;

describe('development broker after a kill', () => {
  it('neither loses nor duplicates records of an idempotent producer that keeps sending', async () => {
    await broker.createTopic('t');
    const producer = broker.client.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      createPartitioner: Partitioners.DefaultPartitioner,
    });
    await producer.connect();
    const batches = 400;
    const killAfter = new Set([60, 170, 280]);
    const sent: string[] = [];
    let restarts = Promise.resolve();
    for (let i = 0; i < batches; i++) {
      const messages = numbered(5, i * 5);
      const sending = producer.send({ topic: 't', messages });
      // The broker is killed while the request is in flight.
      if (killAfter.has(i)) restarts = broker.restart();
      await sending;
      sent.push(...valuesOf(messages));
      await restarts;
    }
    await producer.disconnect();
    expect(await broker.values('t', sent.length, 'g')).toEqual(sent);
    expect(await broker.bounds('t')).toEqual({ low: 0, high: sent.length });
  });

  it('recognizes batches from before the restart as duplicates', async () => {
    await broker.createTopic('t');
    const send = async (sequence: number) => {
      const client = await RawClient.connect(broker.address);
      const batch = rawBatch({ producerId: 7, epoch: 0, sequence, values: [`value ${sequence}`] });
      const outcome = await produceRaw(client, 't', batch);
      client.close();
      return outcome;
    };
    expect([await send(0), await send(1)]).toMatchObject([{ baseOffset: 0 }, { baseOffset: 1 }]);
    await broker.restart();
    expect(await send(1)).toEqual({ error: ErrorCode.NONE, baseOffset: 1 });
    expect((await send(3)).error).toBe(ErrorCode.OUT_OF_ORDER_SEQUENCE);
    expect(await send(2)).toEqual({ error: ErrorCode.NONE, baseOffset: 2 });
  });

  it('never allocates a producer id twice', async () => {
    const take = async () => {
      const client = await RawClient.connect(broker.address);
      const answer = await client.ask(22, 0, (request) => request.string(null).int32(1_000));
      client.close();
      return [answer.int32(), answer.int16(), answer.int64()][2];
    };
    const ids = [await take(), await take()];
    await broker.restart();
    ids.push(await take());
    await broker.restart();
    ids.push(await take());
    expect(new Set(ids).size).toBe(4);
  });

  it('lets a consumer rejoin in a new generation', async () => {
    await broker.createTopic('t');
    await broker.send('t', [{ value: 'before' }]);
    const values: string[] = [];
    const progress = new Changing();
    const consumer = broker.client.consumer({ groupId: 'g', maxWaitTimeInMs: 50, heartbeatInterval: 100 });
    await consumer.subscribe({ topic: 't', fromBeginning: true });
    await consumer.run({
      eachMessage: ({ message }) => {
        values.push(String(message.value));
        progress.changed();
        return Promise.resolve();
      },
    });
    const until = (value: string) =>
      progress.until(
        () => values.includes(value),
        () => value,
      );
    await until('before');
    const joinedAgain = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
    await broker.restart();
    await joinedAgain;
    await broker.send('t', [{ value: 'after' }]);
    await until('after');
    await consumer.disconnect();
    const admin = broker.client.admin();
    const [committed] = await admin.fetchOffsets({ groupId: 'g', topics: ['t'] });
    await admin.disconnect();
    expect(committed!.partitions).toMatchObject([{ offset: '2' }]);
  });

  it('keeps topics, settings, committed offsets, deleted records and its cluster id', async () => {
    await broker.createTopic('t', { 'retention.ms': '123456789' }, 3);
    const admin = broker.client.admin();
    const { clusterId } = await admin.describeCluster();
    await broker.send('t', numbered(5));
    const { partition } = (await admin.fetchTopicOffsets('t')).find(({ high }) => high !== '0')!;
    await broker.values('t', 5, 'g');
    await admin.deleteTopicRecords({ topic: 't', partitions: [{ partition, offset: '2' }] });
    await admin.disconnect();

    await broker.restart();

    const again = broker.client.admin();
    expect((await again.describeCluster()).clusterId).toBe(clusterId);
    const offsets = await again.fetchTopicOffsets('t');
    expect(offsets).toHaveLength(3);
    expect(offsets.find((found) => found.partition === partition)).toMatchObject({ low: '2', high: '5' });
    const described = await again.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: 2, name: 't', configNames: ['retention.ms'] }],
    });
    expect(described.resources[0]!.configEntries).toMatchObject([{ configValue: '123456789' }]);
    const [committed] = await again.fetchOffsets({ groupId: 'g', topics: ['t'] });
    expect(committed!.partitions.find((found) => found.partition === partition)!.offset).toBe('5');
    await again.disconnect();
  });

  it('restores neither a deleted topic nor its records and offsets in a new topic of the same name', async () => {
    await broker.createTopic('t');
    await broker.send('t', numbered(3));
    await broker.values('t', 3, 'g');
    const file = join(broker.dataDir, 'committed-offsets.log');
    const rows = readFileSync(file);
    const admin = broker.client.admin();
    await admin.deleteTopics({ topics: ['t'] });
    expect(await admin.fetchOffsets({ groupId: 'g' })).toEqual([]);
    await admin.disconnect();
    await broker.kill();
    // The state after a kill in the middle of the deletion.
    const leftover = join(broker.dataDir, 'topics', '1-t', '0');
    mkdirSync(leftover, { recursive: true });
    writeFileSync(file, rows);
    await broker.start();
    expect(existsSync(leftover)).toBe(false);
    await broker.createTopic('t');
    expect(await broker.bounds('t')).toEqual({ low: 0, high: 0 });
    const again = broker.client.admin();
    const [committed] = await again.fetchOffsets({ groupId: 'g', topics: ['t'] });
    await again.disconnect();
    expect(committed!.partitions).toMatchObject([{ offset: '-1' }]);
  });

  it.each([
    ['lacks its last byte', (file: string) => truncateSync(file, statSync(file).size - 1)],
    ['has a header without its records', (file: string) => truncateSync(file, statSync(file).size - 10)],
    [
      'has a wrong byte near its end',
      (file: string) => {
        const bytes = readFileSync(file);
        bytes.writeUInt8(bytes.readUInt8(bytes.length - 3) ^ 0xff, bytes.length - 3);
        writeFileSync(file, bytes);
      },
    ],
  ])('drops the last batch of a segment that %s, and appends after the rest', async (_, harm) => {
    await broker.createTopic('t');
    await broker.send('t', numbered(4));
    await broker.kill();
    harm((await broker.segmentsOf('t')).at(-1)!);
    await broker.start();
    expect(await broker.bounds('t')).toEqual({ low: 0, high: 3 });
    await broker.send('t', [{ value: 'after' }]);
    expect(await broker.values('t', 4, 'g')).toEqual(['0', '1', '2', 'after']);
  });

  it('truncates garbage at the end of a segment', async () => {
    await broker.createTopic('t');
    await broker.send('t', numbered(2));
    await broker.kill();
    appendFileSync((await broker.segmentsOf('t'))[0]!, Buffer.alloc(500, 7));
    await broker.start();
    await broker.send('t', [{ value: 'after' }]);
    expect(await broker.values('t', 3, 'g')).toEqual(['0', '1', 'after']);
  });

  it.each([
    ['truncated', (rows: string) => rows.slice(0, -4)],
    ['corrupt', (rows: string) => rows.replace(/\d(,""\]\n)$/, '7$1')],
  ])('restores the previous committed offset when the last row is %s', async (_, harm) => {
    await broker.createTopic('t');
    await broker.send('t', numbered(2));
    await broker.values('t', 2, 'g');
    await broker.send('t', numbered(3));
    await broker.values('t', 3, 'g');
    await broker.kill();
    const file = join(broker.dataDir, 'committed-offsets.log');
    const rows = readFileSync(file, 'utf8');
    // The last row commits 5. The row before it must be restored.
    const previous = rows.trimEnd().split('\n').at(-2)!;
    writeFileSync(file, harm(rows));
    for (const start of ['first', 'second']) {
      await broker.start();
      const admin = broker.client.admin();
      const [committed] = await admin.fetchOffsets({ groupId: 'g', topics: ['t'] });
      await admin.disconnect();
      expect([start, previous]).toEqual([
        start,
        expect.stringContaining(`"t",0,${committed!.partitions[0]!.offset},`),
      ]);
      await broker.kill();
    }
    await broker.start();
  });

  it('refuses to start when an older segment is damaged', async () => {
    await broker.createTopic('t', { 'segment.bytes': String(MIB) });
    const large = Buffer.alloc(0.6 * MIB, 'x');
    await broker.send('t', [{ value: large }, { value: large }, { value: large }]);
    const [oldest, ...newer] = await broker.segmentsOf('t');
    expect(newer).toHaveLength(2);
    await broker.kill();
    truncateSync(oldest!, 100);
    await expect(broker.start()).rejects.toThrow('is damaged at byte 0');
  });
});

describe('development broker retention', () => {
  it('deletes the oldest segments beyond retention.bytes', async () => {
    await broker.createTopic('t', { 'segment.bytes': String(MIB), 'retention.bytes': String(MIB) });
    const large = Buffer.alloc(0.6 * MIB, 'x');
    await broker.send('t', [{ value: large }, { value: large }, { value: large }, { value: large }]);
    expect(await broker.bounds('t')).toEqual({ low: 0, high: 4 });
    // Retention is applied at the start and every 30 seconds.
    await broker.restart();
    expect(await broker.bounds('t')).toEqual({ low: 2, high: 4 });
    expect(await broker.segmentsOf('t')).toHaveLength(2);
    expect(await broker.values('t', 2, 'g')).toHaveLength(2);
  });

  it('deletes records older than retention.ms and continues their offsets', async () => {
    const old = { timestamp: String(Date.now() - 2 * HOUR_MS) };
    await broker.createTopic('t', { 'retention.ms': String(HOUR_MS) });
    await broker.send('t', [
      { value: 'a', ...old },
      { value: 'b', ...old },
    ]);
    await broker.restart();
    expect(await broker.bounds('t')).toEqual({ low: 2, high: 2 });
    await broker.restart();
    await broker.send('t', [{ value: 'c' }]);
    expect(await broker.bounds('t')).toEqual({ low: 2, high: 3 });
    expect(await broker.values('t', 1, 'g')).toEqual(['c']);
  });

  it('does not apply to a compacted topic', async () => {
    const old = { timestamp: String(Date.now() - 2 * HOUR_MS) };
    await broker.createTopic('t', { 'retention.ms': String(HOUR_MS), 'cleanup.policy': 'compact' });
    await broker.send('t', [{ value: 'a', ...old }]);
    await broker.restart();
    expect(await broker.bounds('t')).toEqual({ low: 0, high: 1 });
  });
});
