import type { Message } from 'kafkajs';
import { crc32c, sizeOfVarint, sizeOfVarlong, writeVarint, writeVarlong } from './record-primitives.js';
import { RecordHeaders } from './record.js';

/** The size of a batch's header, in bytes. */
const BATCH_OVERHEAD = 61;

/** A kafkajs message. `recordHeaders` are written before `headers`, byte for byte as they were received. */
export type MessageToEncode = Pick<Message, 'key' | 'value' | 'headers' | 'timestamp'> & {
  readonly recordHeaders?: RecordHeaders;
};

/** A message whose fields are bytes. */
interface RecordFields {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: RecordHeaders;
  readonly timestampDelta: bigint;
  /** Size of the record without its leading length. */
  readonly bytes: number;
}

/**
 * The exact size of a message in a batch of its own, not compressed, in bytes. A broker compares it with the topic's
 * `max.message.bytes`.
 */
export function measureBatch(message: MessageToEncode): number {
  return BATCH_OVERHEAD + measureRecord(message);
}

/** The size that a message adds to a batch, in bytes. */
export function measureRecord(message: MessageToEncode): number {
  const { bytes } = toRecordFields(message, 0, 0n);
  return sizeOfVarint(bytes) + bytes;
}

/**
 * Encodes a record batch of format 2 (https://kafka.apache.org/documentation/#recordbatch) without compression, producer id
 * and transaction.
 * @param now milliseconds since 1970: the timestamp of messages that have none
 */
export function encodeBatch(messages: readonly MessageToEncode[], now: number): Buffer {
  const times = messages.map(({ timestamp }) => BigInt(timestamp ?? now));
  const baseTimestamp = times[0] ?? BigInt(now);
  const maxTimestamp = times.reduce((newest, time) => (time > newest ? time : newest), baseTimestamp);
  // Timestamps have 64 bits and wrap around.
  const records = messages.map((message, n) =>
    toRecordFields(message, n, BigInt.asIntN(64, times[n]! - baseTimestamp)),
  );
  const size = records.reduce((sum, { bytes }) => sum + sizeOfVarint(bytes) + bytes, BATCH_OVERHEAD);
  const batch = Buffer.allocUnsafe(size);
  batch.writeBigInt64BE(0n, 0); // offset
  batch.writeInt32BE(size - 12, 8);
  batch.writeInt32BE(-1, 12); // leader epoch
  batch.writeInt8(2, 16);
  batch.writeInt16BE(0, 21); // attributes
  batch.writeInt32BE(messages.length - 1, 23);
  batch.writeBigInt64BE(baseTimestamp, 27);
  batch.writeBigInt64BE(maxTimestamp, 35);
  batch.writeBigInt64BE(-1n, 43); // producer id, epoch and sequence
  batch.writeInt16BE(-1, 51);
  batch.writeInt32BE(-1, 53);
  batch.writeInt32BE(messages.length, 57);
  let at = BATCH_OVERHEAD;
  records.forEach((record, offsetDelta) => {
    at = writeVarint(batch, at, record.bytes);
    at = batch.writeInt8(0, at);
    at = writeVarlong(batch, at, record.timestampDelta);
    at = writeVarint(batch, at, offsetDelta);
    at = writeNullableBytes(batch, at, record.key);
    at = writeNullableBytes(batch, at, record.value);
    at = record.headers.writeTo(batch, at);
  });
  batch.writeUInt32BE(crc32c(batch, 21), 17);
  return batch;
}

function toRecordFields(message: MessageToEncode, offsetDelta: number, timestampDelta: bigint): RecordFields {
  const key = toBytes(message.key);
  const value = toBytes(message.value);
  const own = RecordHeaders.fromKafkajs(message.headers);
  const headers = message.recordHeaders === undefined ? own : message.recordHeaders.concat(own);
  const bytes =
    1 +
    sizeOfVarlong(timestampDelta) +
    sizeOfVarint(offsetDelta) +
    sizeOfNullableBytes(key) +
    sizeOfNullableBytes(value) +
    headers.bytes;
  return { key, value, headers, timestampDelta, bytes };
}

const toBytes = (part: string | Buffer | null | undefined): Buffer | null =>
  typeof part === 'string' ? Buffer.from(part) : (part ?? null);

const sizeOfNullableBytes = (part: Buffer | null): number =>
  part === null ? 1 : sizeOfVarint(part.length) + part.length;

function writeNullableBytes(target: Buffer, at: number, part: Buffer | null): number {
  if (part === null) return writeVarint(target, at, -1);
  const from = writeVarint(target, at, part.length);
  return from + part.copy(target, from);
}
