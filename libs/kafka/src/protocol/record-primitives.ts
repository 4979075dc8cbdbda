/** The reason why a record batch cannot be decoded. Its message contains no data of the records. */
export class UndecodableBatchError extends Error {
  override readonly name = 'UndecodableBatchError';
}

/** The most bytes of a varint and of a varlong: seven bits in each. */
const VARINT_BYTES = 5;
const VARLONG_BYTES = 10;
/** A varlong of at most this many bytes fits in a double without loss. */
const EXACT_VARLONG_BYTES = 7;

/**
 * Reads the fields of records (https://kafka.apache.org/documentation/#record) and never beyond `end`.
 * @throws UndecodableBatchError where a field does not end within the bytes
 */
export class ByteReader {
  constructor(
    readonly bytes: Buffer,
    public at: number,
    public end: number,
  ) {}

  get remaining(): number {
    return this.end - this.at;
  }

  skip(length: number): void {
    if (length > this.end - this.at) throw fieldTooLong();
    this.at += length;
  }

  /** Reads a zigzag integer of at most 32 bits. */
  varint(): number {
    const { bytes, end } = this;
    let value = 0;
    let at = this.at;
    for (let shift = 0; shift < 7 * VARINT_BYTES; shift += 7) {
      if (at >= end) throw fieldTooLong();
      const byte = bytes[at]!;
      at += 1;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.at = at;
        return (value >>> 1) ^ -(value & 1);
      }
    }
    throw new UndecodableBatchError('an integer in its records is longer than 32 bits');
  }

  /** Reads a zigzag integer of at most 64 bits. */
  varlong(): number | bigint {
    const from = this.at;
    let value = 0;
    for (let scale = 1, length = 1; length <= EXACT_VARLONG_BYTES; scale *= 128, length += 1) {
      if (this.at >= this.end) throw fieldTooLong();
      const byte = this.bytes[this.at]!;
      this.at += 1;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
    this.at = from;
    return this.varlongAsBigint();
  }

  /** Reads a length and as many bytes; null where the length is negative. */
  nullableBytes(): Buffer | null {
    const length = this.varint();
    if (length < 0) return null;
    const from = this.at;
    this.skip(length);
    return this.bytes.subarray(from, this.at);
  }

  skipNullableBytes(): void {
    const length = this.varint();
    if (length > 0) this.skip(length);
  }

  private varlongAsBigint(): bigint {
    let value = 0n;
    for (let length = 0n; length < VARLONG_BYTES; length += 1n) {
      if (this.at >= this.end) throw fieldTooLong();
      const byte = this.bytes[this.at]!;
      this.at += 1;
      value |= BigInt(byte & 0x7f) << (7n * length);
      if (byte < 0x80) return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n));
    }
    throw new UndecodableBatchError('an integer in its records is longer than 64 bits');
  }
}

const fieldTooLong = () => new UndecodableBatchError('a part of a record is longer than its record');

/** Encodes a zigzag integer of 32 bits. */
export function varint(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(sizeOfVarint(value));
  writeVarint(bytes, 0, value);
  return bytes;
}

export function sizeOfVarint(value: number): number {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  let size = 1;
  while (rest >= 0x80) {
    rest >>>= 7;
    size += 1;
  }
  return size;
}

/** @returns the index after the last byte written */
export function writeVarint(target: Buffer, from: number, value: number): number {
  let at = from;
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  while (rest >= 0x80) {
    target[at] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
    at += 1;
  }
  target[at] = rest;
  return at + 1;
}

export function sizeOfVarlong(value: bigint): number {
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  let size = 1;
  while (rest >= 0x80n) {
    rest >>= 7n;
    size += 1;
  }
  return size;
}

/** @returns the index after the last byte written */
export function writeVarlong(target: Buffer, from: number, value: bigint): number {
  let at = from;
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  while (rest >= 0x80n) {
    target[at] = Number(rest & 0x7fn) | 0x80;
    rest >>= 7n;
    at += 1;
  }
  target[at] = Number(rest);
  return at + 1;
}

/** CRC-32C (Castagnoli), reflected. */
const POLYNOMIAL = 0x82f63b78;
/** Bytes that one step takes: a table for each. */
const WIDTH = 8;

const TABLES = makeTables();

/** The checksum of the bytes from `from` up to, and without, `to`. Kafka's record batches use it. */
export function crc32c(bytes: Uint8Array, from = 0, to: number = bytes.length): number {
  let crc = 0xffffffff;
  let at = from;
  for (const last = to - WIDTH; at <= last; at += WIDTH) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    crc =
      TABLES[7 * 256 + (crc & 0xff)]! ^
      TABLES[6 * 256 + ((crc >>> 8) & 0xff)]! ^
      TABLES[5 * 256 + ((crc >>> 16) & 0xff)]! ^
      TABLES[4 * 256 + (crc >>> 24)]! ^
      TABLES[3 * 256 + bytes[at + 4]!]! ^
      TABLES[2 * 256 + bytes[at + 5]!]! ^
      TABLES[256 + bytes[at + 6]!]! ^
      TABLES[bytes[at + 7]!]!;
  }
  for (; at < to; at += 1) crc = TABLES[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** Table n says what a byte does to the checksum when n more bytes follow in the same step. */
function makeTables(): Int32Array {
  const tables = new Int32Array(WIDTH * 256);
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    tables[byte] = crc;
  }
  for (let at = 256; at < tables.length; at += 1) {
    const shorter = tables[at - 256]!;
    tables[at] = tables[shorter & 0xff]! ^ (shorter >>> 8);
  }
  return tables;
}
