import { crc32c, ByteReader, UndecodableBatchError } from './record-primitives.js';
import { decompress, MAX_DECOMPRESSED_BYTES } from './decompress.js';
import { FetchedRecord, RecordHeaders, type BatchContext } from './record.js';

/** The most records of a batch, and the most headers of all its records together. */
export const MAX_RECORDS = 65_536;
export const MAX_HEADERS = 524_288;

/** Once the decoded batches of one fetch reach one of these, the rest is left for the next fetch. */
const MAX_FETCH_BYTES = 8 * 1024 * 1024;
const MAX_FETCH_RECORDS = 32_768;

// Byte positions in a record batch of format 2: https://kafka.apache.org/documentation/#recordbatch
const LENGTH = 8;
const LENGTH_COUNTS_FROM = 12;
const FORMAT = 16;
const CHECKSUM = 17;
const CHECKED_FROM = 21;
const ATTRIBUTES = 21;
const LAST_OFFSET_DELTA = 23;
const BASE_TIMESTAMP = 27;
const MAX_TIMESTAMP = 35;
const PRODUCER_ID = 43;
const RECORD_COUNT = 57;
const RECORDS = 61;

/** The prefix that all formats share: offset, length, leader epoch or checksum, and the format number. */
const MIN_BATCH_BYTES = 17;
const FORMAT_2 = 2;

const CODEC_MASK = 0x07;
const LOG_APPEND_TIME = 0x08;
const IN_TRANSACTION = 0x10;
const IS_CONTROL = 0x20;

/** Length, attributes, two deltas, key, value and header count take at least a byte each. */
const MIN_RECORD_BYTES = 7;
/** The lengths of a name and of a value take at least a byte each. */
const MIN_HEADER_BYTES = 2;

/** How much of one fetch may still be decoded. */
interface FetchBudget {
  bytes: number;
  records: number;
}

export const createFetchBudget = (): FetchBudget => ({ bytes: MAX_FETCH_BYTES, records: MAX_FETCH_RECORDS });

const isSpent = ({ bytes, records }: FetchBudget) => bytes <= 0 || records <= 0;

/** The offset that was requested of a partition, and its high watermark: the offset after its last record. */
interface FetchedRange {
  readonly fetchOffset: bigint;
  readonly highWatermark: bigint;
}

/**
 * Decodes the batches of one partition in a response. A batch that cannot be decoded is represented by one record with the
 * batch's last offset and the reason, so that a consumer skips exactly this batch. A batch that the response contains only
 * in part is left for the next fetch, and so is everything beyond the budget.
 */
export async function decodeBatches(
  bytes: Buffer,
  { fetchOffset, highWatermark }: FetchedRange,
  budget: FetchBudget,
): Promise<FetchedRecord[]> {
  const records: FetchedRecord[] = [];
  let next = fetchOffset;
  for (let at = 0; bytes.length - at >= MIN_BATCH_BYTES && !isSpent(budget);) {
    const length = bytes.readInt32BE(at + LENGTH);
    const end = at + LENGTH_COUNTS_FROM + length;
    if (end > bytes.length) break;
    const isFramed = end - at >= (bytes[at + FORMAT] === FORMAT_2 ? RECORDS : MIN_BATCH_BYTES);
    const batch = new Batch(bytes.subarray(at, isFramed ? end : bytes.length));
    const last = batch.lastOffsetBefore((isFramed ? readBaseOffset(bytes, end) : undefined) ?? highWatermark);
    try {
      if (!isFramed) throw new UndecodableBatchError(`its length of ${length} bytes cannot be`);
      const found = await batch.decode(budget);
      // One by one: `push(...found)` with that many arguments may overflow the stack.
      for (const record of found) if (BigInt(record.offset) >= next) records.push(record);
      // If compaction removed the last record, a consumer would request this batch for ever.
      const isComplete = BigInt(records.at(-1)?.offset ?? -1n) >= last;
      if (!isComplete && last >= next) records.push(batch.toFiller(last));
      next = max(next, last + 1n);
    } catch (error) {
      if (!(error instanceof UndecodableBatchError)) throw error;
      const first = max(batch.baseOffset, next);
      const end = max(first, last);
      records.push(batch.toUndecodableRecord(first, end, error.message));
      next = end + 1n;
    }
    if (!isFramed) break;
    at = end;
  }
  return records;
}

class Batch {
  private readonly format: number;

  constructor(private readonly bytes: Buffer) {
    this.format = bytes[FORMAT]!;
  }

  get baseOffset(): bigint {
    return this.bytes.readBigInt64BE(0);
  }

  get lastOffset(): bigint {
    return this.baseOffset + BigInt(this.bytes.readInt32BE(LAST_OFFSET_DELTA));
  }

  /** The last offset according to the header, limited to a possible value: the header itself may be corrupt. */
  lastOffsetBefore(limit: bigint): bigint {
    const { baseOffset } = this;
    if (this.format !== FORMAT_2 || this.bytes.length < RECORDS) return baseOffset;
    const last = this.lastOffset < limit ? this.lastOffset : limit - 1n;
    return max(baseOffset, last);
  }

  /** @throws UndecodableBatchError */
  async decode(budget: FetchBudget): Promise<FetchedRecord[]> {
    const { bytes } = this;
    if (this.format !== FORMAT_2) {
      throw new UndecodableBatchError(
        `its record format ${this.format} is not the one that Kafka has since 0.11`,
      );
    }
    budget.bytes -= bytes.length;
    if (crc32c(bytes, CHECKED_FROM) !== bytes.readUInt32BE(CHECKSUM)) {
      throw new UndecodableBatchError('its checksum does not match');
    }
    const count = bytes.readInt32BE(RECORD_COUNT);
    const codec = bytes.readInt16BE(ATTRIBUTES) & CODEC_MASK;
    const lastOffsetDelta = bytes.readInt32BE(LAST_OFFSET_DELTA);
    if (lastOffsetDelta < 0) throw new UndecodableBatchError('it says that it ends before it begins');
    if (count < 0) throw new UndecodableBatchError(`it says that it has ${count} records`);
    if (count > MAX_RECORDS) throw new UndecodableBatchError(`it has more than ${MAX_RECORDS} records`);
    budget.records -= count;
    if (codec === 0) return this.decodeRecords(new ByteReader(bytes, RECORDS, bytes.length), count);
    if (count === 0) return [];
    // Charged in advance, because a batch that turns out to be too large has cost as much.
    budget.bytes -= MAX_DECOMPRESSED_BYTES;
    const output = await decompress(codec, bytes.subarray(RECORDS));
    budget.bytes += MAX_DECOMPRESSED_BYTES - output.length;
    return this.decodeRecords(new ByteReader(output, 0, output.length), count);
  }

  /** A record that no handler sees. It tells kafkajs that nothing else precedes its offset. */
  toFiller(offset: bigint): FetchedRecord {
    return new FetchedRecord(String(offset), '-1', null, null, RecordHeaders.NONE, true, this.context());
  }

  toUndecodableRecord(first: bigint, last: bigint, reason: string): FetchedRecord {
    const isReadable = this.format === FORMAT_2 && this.bytes.length >= RECORDS;
    const timestamp = isReadable ? this.bytes.readBigInt64BE(MAX_TIMESTAMP) : -1n;
    const context = isReadable ? this.context() : NO_TRANSACTION;
    // The broker writes control batches itself; kafkajs does not pass them to a handler.
    const isControl = isReadable && (this.bytes.readInt16BE(ATTRIBUTES) & IS_CONTROL) !== 0;
    return new FetchedRecord(
      String(last),
      String(timestamp),
      null,
      null,
      RecordHeaders.NONE,
      isControl,
      context,
      { firstOffset: String(first), reason },
    );
  }

  private context(): BatchContext {
    const { bytes } = this;
    return {
      producerId: String(bytes.readBigInt64BE(PRODUCER_ID)),
      inTransaction: (bytes.readInt16BE(ATTRIBUTES) & IN_TRANSACTION) !== 0,
    };
  }

  private decodeRecords(reader: ByteReader, count: number): FetchedRecord[] {
    const { bytes, baseOffset } = this;
    if (count > reader.remaining / MIN_RECORD_BYTES) {
      throw new UndecodableBatchError(`it says that it has ${count} records, which its bytes cannot hold`);
    }
    const attributes = bytes.readInt16BE(ATTRIBUTES);
    const baseTimestamp = bytes.readBigInt64BE(BASE_TIMESTAMP);
    const appendedAt =
      (attributes & LOG_APPEND_TIME) === 0 ? undefined : String(bytes.readBigInt64BE(MAX_TIMESTAMP));
    const isControl = (attributes & IS_CONTROL) !== 0;
    const lastOffsetDelta = bytes.readInt32BE(LAST_OFFSET_DELTA);
    const context = this.context();
    const batchEnd = reader.end;
    let previousDelta = -1;
    let headersLeft = MAX_HEADERS;
    const records = Array.from<FetchedRecord>({ length: count });
    for (let n = 0; n < count; n += 1) {
      reader.end = batchEnd;
      const length = reader.varint();
      if (length < MIN_RECORD_BYTES - 1 || length > reader.remaining) {
        throw new UndecodableBatchError(`record ${n} of it does not fit in it`);
      }
      reader.end = reader.at + length;
      reader.skip(1); // attributes, which Kafka does not use so far
      const timestampDelta = reader.varlong();
      const offsetDelta = reader.varint();
      if (offsetDelta <= previousDelta || offsetDelta > lastOffsetDelta) {
        throw new UndecodableBatchError(`the offset of record ${n} of it cannot be`);
      }
      previousDelta = offsetDelta;
      const key = reader.nullableBytes();
      const value = reader.nullableBytes();
      const headers = readHeaders(reader, n);
      headersLeft -= headers.count;
      if (headersLeft < 0) {
        throw new UndecodableBatchError(`its records have more than ${MAX_HEADERS} headers`);
      }
      const offset = String(baseOffset + BigInt(offsetDelta));
      const timestamp = appendedAt ?? addTimestamp(baseTimestamp, timestampDelta);
      records[n] = new FetchedRecord(offset, timestamp, key, value, headers, isControl, context);
    }
    if (reader.at !== batchEnd) throw new UndecodableBatchError('bytes are left behind its last record');
    return records;
  }
}

const NO_TRANSACTION: BatchContext = { producerId: '-1', inTransaction: false };

function readHeaders(reader: ByteReader, n: number): RecordHeaders {
  const count = reader.varint();
  if (count < 0 || count > reader.remaining / MIN_HEADER_BYTES) {
    throw new UndecodableBatchError(`record ${n} of it says that it has ${count} headers`);
  }
  const from = reader.at;
  for (let header = 0; header < count; header += 1) {
    reader.skipNullableBytes();
    reader.skipNullableBytes();
  }
  if (reader.remaining !== 0)
    throw new UndecodableBatchError(`the parts of record ${n} of it do not fill it`);
  return count === 0 ? RecordHeaders.NONE : new RecordHeaders(count, reader.bytes.subarray(from, reader.at));
}

/** Timestamps have 64 bits and wrap around, as in Kafka's own clients. */
const addTimestamp = (base: bigint, delta: number | bigint): string =>
  String(BigInt.asIntN(64, base + BigInt(delta)));

const max = (one: bigint, other: bigint): bigint => (one > other ? one : other);

/** The base offset of the batch at this position, if there is one. */
function readBaseOffset(bytes: Buffer, at: number): bigint | undefined {
  return bytes.length - at >= MIN_BATCH_BYTES ? bytes.readBigInt64BE(at) : undefined;
}
