import { crc32c } from './crc32c.js';

// A record batch, format 2: https://kafka.apache.org/documentation/#recordbatch. Base offset and leader epoch lie
// outside the checksum, so a broker sets them without touching the rest.
export const BATCH_HEADER_BYTES = 61;
const BYTES_BEFORE_LENGTH_COUNTS = 12;
const CHECKSUM_AT = 17;
const CHECKED_FROM = 21;
const FORMAT_AT = 16;
const SEQUENCE_MASK = 0x7fffffff;

export interface BatchHeader {
  readonly baseOffset: number;
  readonly lastOffset: number;
  /** The whole batch, this header included. */
  readonly bytes: number;
  readonly compressed: boolean;
  readonly transactional: boolean;
  readonly control: boolean;
  /** Milliseconds since 1970. */
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  /** -1 when the producer is not idempotent. */
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly recordCount: number;
}

/** Reads the header at `at`, where at least BATCH_HEADER_BYTES must stand. */
export function readBatchHeader(buffer: Buffer, at = 0): BatchHeader {
  const baseOffset = Number(buffer.readBigInt64BE(at));
  const attributes = buffer.readInt16BE(at + 21);
  const lastOffsetDelta = buffer.readInt32BE(at + 23);
  const firstSequence = buffer.readInt32BE(at + 53);
  return {
    baseOffset,
    lastOffset: baseOffset + lastOffsetDelta,
    bytes: buffer.readInt32BE(at + 8) + BYTES_BEFORE_LENGTH_COUNTS,
    compressed: (attributes & 0x07) !== 0,
    transactional: (attributes & 0x10) !== 0,
    control: (attributes & 0x20) !== 0,
    baseTimestamp: Number(buffer.readBigInt64BE(at + 27)),
    maxTimestamp: Number(buffer.readBigInt64BE(at + 35)),
    producerId: Number(buffer.readBigInt64BE(at + 43)),
    producerEpoch: buffer.readInt16BE(at + 51),
    firstSequence,
    lastSequence: sequenceAfter(firstSequence, lastOffsetDelta),
    recordCount: buffer.readInt32BE(at + 57),
  };
}

/** Sequence numbers wrap from 2^31 - 1 to 0. */
export function sequenceAfter(sequence: number, steps: number): number {
  return (sequence + steps) & SEQUENCE_MASK;
}

export function isBatchFormat(buffer: Buffer, at = 0): boolean {
  return buffer[at + FORMAT_AT] === 2;
}

/** Does the checksum hold for the batch that fills `batch`? */
export function isIntact(batch: Buffer): boolean {
  return crc32c(batch, CHECKED_FROM) === batch.readUInt32BE(CHECKSUM_AT);
}

/** Gives the batch its place in the log. The leader epoch is always 0: the leader never moves. */
export function placeAt(batch: Buffer, baseOffset: number): void {
  batch.writeBigInt64BE(BigInt(baseOffset), 0);
  batch.writeInt32BE(0, BYTES_BEFORE_LENGTH_COUNTS);
}
