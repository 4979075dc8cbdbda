import { gzipSync } from 'node:zlib';
import { crc32c } from '../../../libs/kafka/src/protocol/record-primitives.js';

/** A name or value, as text or as bytes. */
type Bytes = string | Buffer;

export interface HostileRecord {
  readonly key?: Bytes | null;
  readonly value?: Bytes | null;
  readonly headers?: readonly (readonly [name: Bytes, value: Bytes | null])[];
}

export interface BatchOptions {
  /** 0 none, 1 gzip, 2 snappy, 3 LZ4, 4 Zstandard; higher numbers are not defined. */
  readonly codec?: number;
  /** The bytes in place of the records, if there is a codec. */
  readonly packed?: Buffer;
  /** The timestamp of every record, in milliseconds. */
  readonly timestamp?: bigint;
  /** The number of records that the batch claims to have. */
  readonly claimedCount?: number;
  readonly hasWrongChecksum?: boolean;
}

/** The fields before the first record: https://kafka.apache.org/documentation/#recordbatch */
const HEADER_BYTES = 61;

/** Encodes a record batch in message format 2 with the fields that an unusual client may write. */
export function recordBatch(records: readonly HostileRecord[], options: BatchOptions = {}): Buffer {
  const { codec = 0, timestamp = BigInt(Date.now()), claimedCount = records.length } = options;
  const plain = Buffer.concat(records.map((record, offset) => encodeRecord(record, offset)));
  const body = options.packed ?? (codec === 1 ? gzipSync(plain) : plain);
  const bytes = Buffer.concat([Buffer.alloc(HEADER_BYTES), body]);
  bytes.writeInt32BE(bytes.length - 12, 8);
  bytes.writeInt32BE(-1, 12);
  bytes.writeInt8(2, 16);
  bytes.writeInt16BE(codec, 21);
  bytes.writeInt32BE(claimedCount - 1, 23);
  bytes.writeBigInt64BE(timestamp, 27);
  bytes.writeBigInt64BE(timestamp, 35);
  bytes.writeBigInt64BE(-1n, 43);
  bytes.writeInt16BE(-1, 51);
  bytes.writeInt32BE(-1, 53);
  bytes.writeInt32BE(claimedCount, 57);
  bytes.writeUInt32BE((crc32c(bytes, 21) ^ (options.hasWrongChecksum === true ? 1 : 0)) >>> 0, 17);
  return bytes;
}

function encodeRecord({ key = null, value = null, headers = [] }: HostileRecord, offset: number): Buffer {
  const body = Buffer.concat([
    Buffer.from([0]),
    varint(0),
    varint(offset),
    part(key),
    part(value),
    varint(headers.length),
    ...headers.flatMap(([name, given]) => [part(name), part(given)]),
  ]);
  return Buffer.concat([varint(body.length), body]);
}

/** Encodes bytes after their length; a null has the length -1. */
function part(bytes: Bytes | null): Buffer {
  if (bytes === null) return varint(-1);
  const content = Buffer.from(bytes as Buffer);
  return Buffer.concat([varint(content.length), content]);
}

/** Encodes an integer in zigzag. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let left = value >= 0 ? value * 2 : -value * 2 - 1;
  for (; left > 127; left = Math.floor(left / 128)) bytes.push((left % 128) + 128);
  return Buffer.from([...bytes, left]);
}
