import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip, gzipSync, zstdCompress } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { compressFrame } from 'lz4-napi';
import { compress as snap } from 'snappy';
import { cloudEventHeaders, TOPICS } from '#libs/contracts';
import { RecordHeaders, type ConsumedMessage, type RecordHeader } from '#libs/kafka';
import { crc32c } from '../../../libs/kafka/src/protocol/record-primitives.js';
import { encodeBatch, type MessageToEncode } from '../../../libs/kafka/src/protocol/record-batch-encoder.js';
import { produceRaw, RawClient } from '../../contract/kafka/raw-client.js';
import { until } from '../../support/until.js';
import { RunningApp } from './support/running-app.js';
import { RECIPIENTS, REPLIES, Servers } from './support/servers.js';

jest.setTimeout(120_000);

const header = (name: string | Buffer, value: string | Buffer | null): RecordHeader => ({
  name: Buffer.from(name as string),
  value: value === null ? null : Buffer.from(value as string),
});

const commandHeaders = (id: string) => ({
  ...cloudEventHeaders({ id, type: 'invitations.send.v1', source: '/test', time: new Date().toISOString() }),
  'reply-to': REPLIES,
});

/** A valid command with additional headers. */
function command(id: string, more: readonly RecordHeader[] = []): MessageToEncode {
  return {
    key: 'hostile',
    value: JSON.stringify({ inviterId: `hostile-${id}`, recipientId: RECIPIENTS[0] }),
    recordHeaders: RecordHeaders.fromKafkajs(commandHeaders(id)).concat(RecordHeaders.of(more)),
  };
}

/** A batch with other records or another header, and a correct checksum. */
function batch(messages: readonly MessageToEncode[], codec = 0, records?: Buffer): Buffer {
  const encoded = encodeBatch(messages, Date.now());
  const bytes = records === undefined ? encoded : Buffer.concat([encoded.subarray(0, 61), records]);
  bytes.writeInt16BE(codec, 21);
  bytes.writeInt32BE(bytes.length - 12, 8);
  bytes.writeUInt32BE(crc32c(bytes, 21), 17);
  return bytes;
}

const MIB = 1024 * 1024;
const NAMES = [
  'toString',
  'constructor',
  '__proto__',
  'hasOwnProperty',
  '__defineGetter__',
  'valueOf',
  '2',
  '1',
  '',
];

/** Messages that a broker accepts. After each, the app must decide a valid command. */
describe('the command app with hostile messages', () => {
  let servers: Servers;
  let app: RunningApp;
  let raw: RawClient;

  beforeAll(async () => {
    servers = await Servers.start();
    app = await RunningApp.start(servers.env);
    await app.untilReady();
    raw = await RawClient.connect(servers.broker.brokers);
  });
  afterAll(async () => {
    raw.close();
    await app.kill();
    await servers.stop();
  });

  async function publish(bytes: Buffer): Promise<number> {
    const { error, baseOffset } = await produceRaw(raw, TOPICS.commands, bytes);
    expect(error).toBe(0);
    return baseOffset;
  }

  const answers = async (id: string) =>
    (await servers.read(REPLIES)).filter(({ key }) => String(key) === id).map(({ value }) => String(value));

  async function untilAccepted(id: string, withinMs = 30_000): Promise<void> {
    await until(
      async () => (await answers(id)).length > 0,
      withinMs,
      () => `an outcome of ${id}: ${app.output.slice(-3_000)}`,
    );
    expect(await answers(id)).toEqual([JSON.stringify({ commandId: id, outcome: 'accepted' })]);
  }

  /** Returns the dead letters of what is published to partition 0, once a later command is decided. */
  async function lettersOf(hostile: Buffer): Promise<{ letters: ConsumedMessage[]; offset: number }> {
    const offset = await publish(hostile);
    const id = randomUUID();
    await publish(batch([command(id)]));
    await untilAccepted(id);
    const letters = (await servers.read(TOPICS.deadLetters)).filter(
      (letter) => Number(letter.header('dead-letter-offset')) >= offset,
    );
    return { letters, offset };
  }

  it('keeps headers byte for byte, whatever their names are', async () => {
    const headers = [
      ...NAMES.map((name) => header(name, `of ${name}`)),
      header('constructor', null),
      header('again', '1'),
      header('between', Buffer.from([0xff, 0x00])),
      header('again', '2'),
      header(Buffer.from([0xc3, 0x28]), 'a name that is not UTF-8'),
    ];
    const { letters } = await lettersOf(
      batch([{ key: null, value: 'no command', recordHeaders: RecordHeaders.of(headers) }]),
    );
    expect(letters).toHaveLength(1);
    expect(letters[0]!.key).toBeNull();
    expect([...letters[0]!.recordHeaders!].slice(0, -5)).toEqual(headers);
  });

  it('decides a command with such headers', async () => {
    const id = randomUUID();
    await publish(
      batch([
        command(
          id,
          NAMES.map((name) => header(name, 'x')),
        ),
      ]),
    );
    await untilAccepted(id);
    expect(await answers(id)).toHaveLength(1);
  });

  it('decides a command with 10,000 headers as fast as any other', async () => {
    const id = randomUUID();
    const more = Array.from({ length: 10_000 }, (_, n) => header(`h${n}`, 'v'));
    await publish(batch([command(id, more)]));
    await untilAccepted(id, 3_000);
    expect(await answers(id)).toHaveLength(1);
  });

  it('publishes a message with many non-ASCII header names as a dead letter', async () => {
    const many = Array.from({ length: 40_000 }, (_, n) => header(`اسمطويل${n}`, ''));
    const { letters } = await lettersOf(
      batch([{ key: null, value: 'no command', recordHeaders: RecordHeaders.of(many) }]),
    );
    expect(letters).toHaveLength(1);
    expect(letters[0]!.recordHeaders!.count).toBe(many.length + 5);
  });

  const bombs: [string, number, (bytes: Buffer) => Promise<Buffer>][] = [
    ['gzip', 1, promisify<Buffer, Buffer>(gzip)],
    ['snappy', 2, snap],
    ['LZ4', 3, compressFrame],
    ['Zstandard', 4, promisify<Buffer, Buffer>(zstdCompress)],
  ];
  it.each(bombs)('skips a decompression bomb: %s', async (_, codec, compress) => {
    // snappy compresses to a twentieth at most, and the broker accepts 1 MiB.
    const bomb = await compress(Buffer.alloc((codec === 2 ? 20 : 65) * MIB));
    const { letters, offset } = await lettersOf(
      batch([command(randomUUID()), command(randomUUID())], codec, bomb),
    );
    expect(letters).toHaveLength(1);
    const [letter] = letters;
    expect([letter!.key, letter!.value]).toEqual([null, null]);
    expect(letter!.header('dead-letter-topic')).toBe(TOPICS.commands);
    expect(letter!.header('dead-letter-partition')).toBe('0');
    expect(letter!.header('dead-letter-offset')).toBe(String(offset));
    expect(letter!.header('dead-letter-last-offset')).toBe(String(offset + 1));
    expect(letter!.header('dead-letter-reason')).toBe(
      'the batch cannot be decoded: it unpacks to more than 16777216 bytes',
    );
  });

  it.each([
    [
      'damaged gzip',
      batch([command(randomUUID())], 1, gzipSync('x').subarray(0, 15)),
      'its gzip data is corrupt',
    ],
    ['an unknown codec', batch([command(randomUUID())], 7), 'its compression codec 7 is not known'],
    [
      'broken records',
      batch([command(randomUUID())], 1, gzipSync(Buffer.alloc(50, 0xff))),
      'longer than 32 bits',
    ],
    [
      'too few records',
      batch([command(randomUUID())], 1, gzipSync(Buffer.alloc(0))),
      'its bytes cannot hold',
    ],
  ])('skips a batch with %s', async (_, hostile, reason) => {
    const { letters } = await lettersOf(hostile);
    expect(letters).toHaveLength(1);
    expect(letters[0]!.header('dead-letter-reason')).toContain(reason);
  });

  it('skips many decompression bombs on one partition with little memory', async () => {
    const bomb = batch([command(randomUUID())], 3, await compressFrame(Buffer.alloc(16 * MIB - 100)));
    for (let n = 0; n < 30; n += 1) await publish(bomb);
    const id = randomUUID();
    await publish(batch([command(id)]));
    await untilAccepted(id, 60_000);
    expect(app.memoryMiB()).toBeLessThan(384);
  });

  it('decides a batch of as many commands as a publisher may compress', async () => {
    const ids = Array.from({ length: 500 }, () => randomUUID());
    const encoded = encodeBatch(
      ids.map((id) => command(id)),
      Date.now(),
    );
    await publish(
      batch(
        ids.map((id) => command(id)),
        1,
        gzipSync(encoded.subarray(61)),
      ),
    );
    await untilAccepted(ids.at(-1)!);
    expect(await answers(ids[0]!)).toHaveLength(1);
  });

  it('is still in its consumer group after all of them', async () => {
    expect(app.ended).toBeUndefined();
    expect(app.output).not.toContain('crashed');
    expect(await app.details()).toBe('');
    await until(async () => (await servers.lag()) === 0, 10_000, 'all is committed');
  });
});
