import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { crc32c, varint } from './record-primitives.js';
import { type FetchedRecord, RecordHeaders } from './record.js';
import { createFetchBudget, decodeBatches, MAX_HEADERS, MAX_RECORDS } from './record-batch-decoder.js';
import { measureBatch, encodeBatch, measureRecord, type MessageToEncode } from './record-batch-encoder.js';

const NOW = Date.parse('2026-01-05T09:00:00Z');
const HIGH_WATERMARK = 1_000_000n;

/** All that a consumer gets of these bytes, with a further fetch of the rest where the first one stops. */
async function decode(bytes: Buffer, fetchOffset = 0n): Promise<FetchedRecord[]> {
  const all: FetchedRecord[] = [];
  for (let next = fetchOffset; next < HIGH_WATERMARK;) {
    const range = { fetchOffset: next, highWatermark: HIGH_WATERMARK };
    const records = await decodeBatches(rest(bytes, next), range, createFetchBudget());
    if (records.length === 0) break;
    all.push(...records);
    next = BigInt(records.at(-1)!.offset) + 1n;
  }
  return all;
}

/** As a broker does it: from the batch on that has the offset. */
function rest(bytes: Buffer, offset: bigint): Buffer {
  for (let at = 0; at + 27 <= bytes.length;) {
    const end = at + 12 + bytes.readInt32BE(at + 8);
    const next = end - at >= 61 && end + 8 <= bytes.length ? bytes.readBigInt64BE(end) : undefined;
    const last = bytes.readBigInt64BE(at) + BigInt(Math.max(0, bytes.readInt32BE(at + 23)));
    if (offset < (next ?? last + 1n)) return bytes.subarray(at);
    if (next === undefined) break;
    at = end;
  }
  return bytes.subarray(0, bytes.length < 27 ? bytes.length : 0);
}

/** The batch as a broker keeps it, at `baseOffset`, after a change that its producer made. */
function batch(
  messages: readonly MessageToEncode[],
  { baseOffset = 0n, change }: { baseOffset?: bigint; change?: (bytes: Buffer) => Buffer | void } = {},
): Buffer {
  const encoded = encodeBatch(messages, NOW);
  const bytes = change?.(encoded) ?? encoded;
  bytes.writeBigInt64BE(baseOffset, 0);
  bytes.writeInt32BE(bytes.length - 12, 8);
  bytes.writeUInt32BE(crc32c(bytes, 21), 17);
  return bytes;
}

const values = (n: number): MessageToEncode[] =>
  Array.from({ length: n }, (_, index) => ({ key: null, value: `value ${index}` }));

/** Offset and value, or of what reasons there are none. */
const shown = (records: readonly FetchedRecord[]) =>
  records.map(({ offset, value, undecodable, isControlRecord }) => {
    if (undecodable !== undefined) return `${undecodable.firstOffset}-${offset} ${undecodable.reason}`;
    return isControlRecord ? `${offset} filler` : `${offset} ${String(value)}`;
  });

const withRecords =
  (records: Buffer, count = 1) =>
  (bytes: Buffer) => {
    const changed = Buffer.concat([bytes.subarray(0, 61), records]);
    changed.writeInt32BE(count - 1, 23);
    changed.writeInt32BE(count, 57);
    return changed;
  };

const recordOf = (...parts: Buffer[]) => {
  const body = Buffer.concat(parts);
  return Buffer.concat([varint(body.length), body]);
};

/** Attributes, both deltas, key and value. */
const head = (offsetDelta = 0) =>
  Buffer.concat([Buffer.alloc(1), varint(0), varint(offsetDelta), varint(-1), varint(-1)]);

const NAMES = [
  'toString',
  'constructor',
  '__proto__',
  'hasOwnProperty',
  'valueOf',
  '2',
  '1',
  '',
  'é',
  'name',
];

describe('encodeBatch and decodeBatches', () => {
  it('decode what was encoded: key, value, timestamp and headers, or none of these', async () => {
    const messages: MessageToEncode[] = [
      {
        key: 'k',
        value: Buffer.from([0, 255]),
        timestamp: String(NOW - 5),
        headers: { a: ['1', '2'], b: '' },
      },
      { key: null, value: null },
      { key: Buffer.alloc(0), value: '', timestamp: String(NOW + 5) },
    ];
    const found = await decode(batch(messages, { baseOffset: 7n }), 7n);
    expect(found.map(({ offset, timestamp, key, value }) => ({ offset, timestamp, key, value }))).toEqual([
      { offset: '7', timestamp: String(NOW - 5), key: Buffer.from('k'), value: Buffer.from([0, 255]) },
      { offset: '8', timestamp: String(NOW), key: null, value: null },
      { offset: '9', timestamp: String(NOW + 5), key: Buffer.alloc(0), value: Buffer.alloc(0) },
    ]);
    expect({ ...found[0]!.headers }).toEqual({
      a: [Buffer.from('1'), Buffer.from('2')],
      b: Buffer.alloc(0),
    });
  });

  it('keep headers byte for byte: any name, in order, repeated, without a value, not UTF-8', async () => {
    const list = [...NAMES, 'name'].map((name) => ({
      name: Buffer.from(name),
      value: Buffer.from(`of ${name}`),
    }));
    const headers = [
      ...list,
      { name: Buffer.from('constructor'), value: null },
      { name: Buffer.from([0xff, 0xfe]), value: Buffer.from([0x80]) },
    ];
    const [found] = await decode(
      batch([{ key: null, value: 'v', recordHeaders: RecordHeaders.of(headers) }]),
    );
    expect([...found!.recordHeaders]).toEqual(headers);
    const record = found!.headers;
    expect(Object.getPrototypeOf(record)).toBeNull();
    expect(Object.keys(record).toSorted()).toEqual([...NAMES, '\ufffd\ufffd'].toSorted());
    expect(record['constructor']).toEqual([Buffer.from('of constructor'), Buffer.alloc(0)]);
    expect(record['__proto__']).toEqual(Buffer.from('of __proto__'));
    expect(record['name']).toEqual([Buffer.from('of name'), Buffer.from('of name')]);
    const again = await decode(batch([{ key: null, value: 'v', headers: record }]));
    expect({ ...again[0]!.headers }).toEqual({ ...record });
  });

  it('take linear time for 10,000 headers, with different names or the same', async () => {
    for (const name of [(n: number) => `header-${n}`, () => 'header']) {
      const headers = Array.from({ length: 10_000 }, (_, n) => ({
        name: Buffer.from(name(n)),
        value: Buffer.from('v'),
      }));
      const message = { key: null, value: 'v', recordHeaders: RecordHeaders.of(headers) };
      const beganAt = performance.now();
      const [found] = await decode(batch([message]));
      const record = found!.headers;
      expect([...found!.recordHeaders]).toHaveLength(10_000);
      await decode(batch([{ key: null, value: 'v', headers: record }]));
      expect(performance.now() - beganAt).toBeLessThan(5_000);
    }
  });

  it('take exactly the bytes that measureBatch and measureRecord return', () => {
    const message: MessageToEncode = {
      key: 'كلمة',
      value: Buffer.alloc(70_000),
      headers: { نعم: ['é', Buffer.alloc(200)], x: '' },
      recordHeaders: RecordHeaders.of([{ name: Buffer.alloc(100), value: null }]),
    };
    expect(encodeBatch([message], NOW)).toHaveLength(measureBatch(message));
    expect(encodeBatch([message, message], NOW)).toHaveLength(measureBatch(message) + measureRecord(message));
  });

  it('support timestamps of 64 bits', async () => {
    for (const time of [-1n, 0n, 2n ** 63n - 1n, -(2n ** 63n), 1_767_603_600_000_000n]) {
      const messages = [{ key: null, value: 'v', timestamp: String(time) }];
      expect((await decode(batch(messages)))[0]!.timestamp).toBe(String(time));
      const behind = [...values(1), ...messages];
      expect((await decode(batch(behind)))[1]!.timestamp).toBe(String(time));
    }
    const appended = batch(values(2), {
      change: (bytes) => {
        bytes.writeInt16BE(0x08, 21);
        bytes.writeBigInt64BE(99n, 35);
      },
    });
    expect((await decode(appended)).map(({ timestamp }) => timestamp)).toEqual(['99', '99']);
  });

  it('return no record before the requested offset', async () => {
    const bytes = batch(values(5), { baseOffset: 10n });
    expect(shown(await decode(bytes, 13n))).toEqual(['13 value 3', '14 value 4']);
  });

  it('leave a batch that was fetched in part for the next fetch', async () => {
    const bytes = Buffer.concat([batch(values(1)), batch(values(2), { baseOffset: 1n })]);
    expect(shown(await decode(bytes.subarray(0, -1)))).toEqual(['0 value 0']);
    expect(shown(await decode(bytes.subarray(0, 20)))).toEqual([]);
  });

  it('end a batch whose last records were compacted away with a filler at its last offset', async () => {
    const compacted = batch(values(2), { change: (bytes) => void bytes.writeInt32BE(9, 23) });
    expect(shown(await decode(compacted))).toEqual(['0 value 0', '1 value 1', '9 filler']);
    const empty = batch([], { baseOffset: 3n, change: (bytes) => void bytes.writeInt32BE(4, 23) });
    expect(shown(await decode(empty, 3n))).toEqual(['7 filler']);
    expect(shown(await decode(Buffer.concat([empty, batch(values(1), { baseOffset: 8n })]), 3n))).toEqual([
      '7 filler',
      '8 value 0',
    ]);
  });

  const gzipped = (records: Buffer) => (bytes: Buffer) => {
    const changed = Buffer.concat([bytes.subarray(0, 61), gzipSync(records)]);
    changed.writeInt16BE(1, 21);
    return changed;
  };
  const repeat = (n: number, record: Buffer) => Buffer.concat(Array.from<Buffer>({ length: n }).fill(record));

  const HOSTILE: [string, (bytes: Buffer) => Buffer | void, string][] = [
    [
      'a length in it beyond its end',
      withRecords(Buffer.concat([varint(500), head()])),
      'record 0 of it does not fit',
    ],
    ['a record of no bytes', withRecords(recordOf()), 'which its bytes cannot hold'],
    ['a record of negative length', withRecords(Buffer.concat([varint(-5), head(), head()])), 'does not fit'],
    ['a varint without end', withRecords(Buffer.alloc(20, 0xff)), 'longer than 32 bits'],
    [
      'a varint that is cut off',
      withRecords(Buffer.concat([varint(8), head(), Buffer.alloc(3, 0xff)])),
      'a part of a record',
    ],
    [
      'a varlong without end',
      withRecords(recordOf(Buffer.alloc(1), Buffer.alloc(12, 0xff))),
      'longer than 64 bits',
    ],
    [
      'a value beyond its record',
      withRecords(recordOf(head().subarray(0, 4), varint(1e9), varint(0), varint(0))),
      'a part of a record',
    ],
    ['a billion headers', withRecords(recordOf(head(), varint(1e9))), 'says that it has 1000000000 headers'],
    ['fewer headers than none', withRecords(recordOf(head(), varint(-1))), 'says that it has -1 headers'],
    [
      'more headers than are there',
      withRecords(recordOf(head(), varint(2), varint(0), varint(0))),
      'says that it has 2 headers',
    ],
    [
      'bytes behind a record’s headers',
      withRecords(recordOf(head(), varint(0), Buffer.alloc(1))),
      'do not fill it',
    ],
    [
      'bytes behind its last record',
      withRecords(Buffer.concat([recordOf(head(), varint(0)), Buffer.alloc(1)])),
      'bytes are left',
    ],
    [
      'offsets that do not grow',
      withRecords(repeat(2, recordOf(head(), varint(0))), 2),
      'the offset of record 1',
    ],
    ['an offset beyond its last', withRecords(recordOf(head(5), varint(0))), 'the offset of record 0'],
    [
      '2^31-1 records',
      (bytes) => void bytes.writeInt32BE(0x7fffffff, 57),
      `more than ${MAX_RECORDS} records`,
    ],
    [
      'more records than its bytes hold',
      (bytes) => void bytes.writeInt32BE(60_000, 57),
      'which its bytes cannot hold',
    ],
    ['fewer records than none', (bytes) => void bytes.writeInt32BE(-1, 57), 'says that it has -1 records'],
    ['an end before its beginning', (bytes) => void bytes.writeInt32BE(-3, 23), 'ends before it begins'],
    ['an unknown codec', (bytes) => void bytes.writeInt16BE(6, 21), 'codec 6 is not known'],
    ['no gzip in it', (bytes) => void bytes.writeInt16BE(1, 21), 'its gzip data is corrupt'],
    ['no snappy in it', (bytes) => void bytes.writeInt16BE(2, 21), 'its snappy data is corrupt'],
    ['no LZ4 in it', (bytes) => void bytes.writeInt16BE(3, 21), 'its LZ4 data is'],
    ['no Zstandard in it', (bytes) => void bytes.writeInt16BE(4, 21), 'its Zstandard data is corrupt'],
    ['a bomb in it', gzipped(Buffer.alloc(20 * 1024 * 1024)), 'it unpacks to more than'],
    [
      'a bomb of headers',
      (bytes) =>
        gzipped(recordOf(head(), varint(MAX_HEADERS + 1), Buffer.alloc(2 * MAX_HEADERS + 2, 1)))(bytes),
      `more than ${MAX_HEADERS} headers`,
    ],
    ['too small a length', (bytes) => withRecords(Buffer.alloc(0))(bytes), 'which its bytes cannot hold'],
  ];

  it.each(HOSTILE)('skip only the batch that has %s', async (_, change, reason) => {
    const bytes = Buffer.concat([
      batch(values(1)),
      batch(values(1), { baseOffset: 1n, change }),
      batch(values(1), { baseOffset: 2n }),
    ]);
    expect(shown(await decode(bytes))).toEqual([
      '0 value 0',
      expect.stringMatching(new RegExp(`^1-1 .*${reason}`)),
      '2 value 0',
    ]);
  });

  it('skip a batch that was damaged after it was sent, and nothing after it', async () => {
    const damaged = batch(values(3), { baseOffset: 5n });
    damaged[70]! ^= 1;
    const next = batch(values(1), { baseOffset: 8n });
    const reason = 'its checksum does not match';
    expect(shown(await decode(Buffer.concat([damaged, next]), 5n))).toEqual([`5-7 ${reason}`, '8 value 0']);
    damaged.writeInt32BE(0x7fffffff, 23);
    expect(shown(await decode(Buffer.concat([damaged, next]), 5n))).toEqual([`5-7 ${reason}`, '8 value 0']);
    expect(shown(await decode(damaged, 5n))).toEqual([`5-${HIGH_WATERMARK - 1n} ${reason}`]);
    damaged.writeInt32BE(-8, 23);
    expect(shown(await decode(damaged, 5n))).toEqual([`5-5 ${reason}`]);
  });

  it('report an undecodable batch from the requested offset on', async () => {
    const bytes = batch(values(5), { baseOffset: 5n, change: (found) => void found.writeInt16BE(6, 21) });
    expect(shown(await decode(bytes, 7n))).toEqual(['7-9 its compression codec 6 is not known']);
  });

  it('skip batches of the formats before Kafka 0.11', async () => {
    const old = batch(values(1), { baseOffset: 4n });
    old[16] = 1;
    const next = batch(values(1), { baseOffset: 5n });
    expect(shown(await decode(Buffer.concat([old, next]), 4n))).toEqual([
      '4-4 its record format 1 is not the one that Kafka has since 0.11',
      '5 value 0',
    ]);
  });

  it('skip one offset at a time while a length is impossible', async () => {
    const bytes = batch(values(1), { baseOffset: 4n });
    for (const length of [-12, 0, 5, 48]) {
      bytes.writeInt32BE(length, 8);
      expect(shown(await decode(bytes, 4n))).toEqual([`4-4 its length of ${length} bytes cannot be`]);
    }
  });

  it('leave the rest of a fetch for the next one when the fetch budget is spent', async () => {
    const large = batch(values(1), {
      change: gzipped(recordOf(head().subarray(0, 4), varint(9e6), Buffer.alloc(9e6), varint(0))),
    });
    const budget = createFetchBudget();
    const range = { fetchOffset: 0n, highWatermark: HIGH_WATERMARK };
    const next = batch(values(1), { baseOffset: 1n });
    expect(await decodeBatches(Buffer.concat([large, next]), range, budget)).toHaveLength(1);
    expect(await decodeBatches(next, range, budget)).toEqual([]);
  });

  it('return records or reasons for a batch that was changed anywhere, and never throw', async () => {
    const original = batch([{ key: 'k', value: 'v', headers: { a: '1', b: ['2', '3'] } }, ...values(2)]);
    const next = batch(values(1), { baseOffset: 3n });
    for (let at = 16; at < original.length; at += 1) {
      for (const byte of [0x00, 0x01, 0x7f, 0x80, 0xff]) {
        const bytes = Buffer.from(original);
        bytes[at] = byte;
        if (at > 20) bytes.writeUInt32BE(crc32c(bytes, 21), 17);
        const records = await decode(Buffer.concat([bytes, next]));
        const offsets = records.map(({ offset }) => Number(offset));
        expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
        expect(shown(records.filter(({ offset }) => offset === '3'))).toContain('3 value 0');
      }
    }
  });
});
