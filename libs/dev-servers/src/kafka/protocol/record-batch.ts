import { crc32c } from '#libs/kafka/wire';

// A record batch, format 2: https://kafka.apache.org/documentation/#recordbatch. Base offset and leader epoch lie
// outside the checksum, so a broker sets them without changing the rest.
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
  /** Whether the broker's time, which is `maxTimestamp`, replaces the timestamps of all records. */
  readonly logAppendTime: boolean;
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

/** @param at followed by at least BATCH_HEADER_BYTES */
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
    logAppendTime: (attributes & 0x08) !== 0,
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

/** @param batch one whole batch */
export function hasValidChecksum(batch: Buffer): boolean {
  return crc32c(batch, CHECKED_FROM) === batch.readUInt32BE(CHECKSUM_AT);
}

/** Sets the batch's offsets in the log. The leader epoch is always 0, because the leader never changes. */
export function assignOffsets(batch: Buffer, baseOffset: number): void {
  batch.writeBigInt64BE(BigInt(baseOffset), 0);
  batch.writeInt32BE(0, BYTES_BEFORE_LENGTH_COUNTS);
}

/** A record exceeds its batch, or its fields do not fill it exactly. */
export class MalformedRecordError extends Error {}

interface RecordSummary {
  readonly timestampDelta: number;
  readonly offsetDelta: number;
  readonly hasKey: boolean;
}

/**
 * Reads the records of an uncompressed batch: https://kafka.apache.org/documentation/#record. The broker checks them all, because
 * a malformed record would stop every consumer later.
 * @throws MalformedRecordError
 */
export function* readRecords(batch: Buffer): Generator<RecordSummary> {
  const varints = new Varints(batch, BATCH_HEADER_BYTES);
  while (varints.at < batch.length) {
    const length = varints.next();
    const end = varints.at + length;
    if (length < 1 || end > batch.length) throw new MalformedRecordError('a record exceeds its batch');
    varints.skip(1, end);
    const timestampDelta = varints.next();
    const offsetDelta = varints.next();
    const keyLength = varints.next();
    varints.skip(keyLength, end);
    varints.skip(varints.next(), end);
    const headers = varints.next();
    if (headers < 0) throw new MalformedRecordError('the number of headers is negative');
    for (let i = 0; i < headers; i++) {
      varints.skip(varints.next(), end);
      varints.skip(varints.next(), end);
    }
    if (varints.at !== end) throw new MalformedRecordError('the fields of a record do not fill it');
    yield { timestampDelta, offsetDelta, hasKey: keyLength >= 0 };
  }
}

/** Zigzag variable-length integers, at most ten bytes each. Above 2^53 they lose precision; real values are smaller. */
class Varints {
  constructor(
    private readonly bytes: Buffer,
    public at: number,
  ) {}

  next(): number {
    let value = 0;
    for (let scale = 1, i = 0; i < 10; i++, scale *= 128) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) break;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
    throw new MalformedRecordError('an unterminated integer');
  }

  /** Skips a field of `length` bytes, which must not extend beyond `end`. A length of -1 is null. */
  skip(length: number, end: number): void {
    if (length < -1 || this.at + Math.max(0, length) > end) {
      throw new MalformedRecordError('a field exceeds its record');
    }
    this.at += Math.max(0, length);
  }
}
