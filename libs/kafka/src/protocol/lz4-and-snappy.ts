import { UndecodableBatchError } from './record-primitives.js';

/**
 * The output of LZ4 and snappy: literals, and copies of bytes that were written before. Its size is fixed, and nothing is
 * written or read outside of it.
 */
class DecompressionBuffer {
  readonly bytes: Buffer;
  private at = 0;

  constructor(size: number) {
    this.bytes = Buffer.allocUnsafeSlow(size);
  }

  get isFull(): boolean {
    return this.at === this.bytes.length;
  }

  copyLiterals(from: Buffer, start: number, length: number): void {
    if (length > this.bytes.length - this.at || start + length > from.length) throw corruptData();
    from.copy(this.bytes, this.at, start, start + length);
    this.at += length;
  }

  /** Copies `length` bytes from `distance` bytes back. The source may overlap the bytes being written. */
  copyMatch(distance: number, length: number): void {
    const { bytes, at } = this;
    if (distance < 1 || distance > at || length > bytes.length - at) throw corruptData();
    const end = at + length;
    if (distance >= length) bytes.copyWithin(at, at - distance, end - distance);
    else if (distance === 1) bytes.fill(bytes[at - 1]!, at, end);
    else for (let to = at; to < end; to += 1) bytes[to] = bytes[to - distance]!;
    this.at = end;
  }
}

const corruptData = () => new UndecodableBatchError('its compressed data is damaged');

// LZ4. Not the native library: it keeps the memory of its largest output, so a few decompression bombs would use it up for good.
// The frame format: https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md. Frame checksums are not verified, because
// the checksum of the record batch covers them.

const MAGIC = 0x184d2204;
const SKIPPABLE_MAGIC = 0x184d2a50;
/** The flag in a block's length that says that the block is not compressed. */
const UNCOMPRESSED_FLAG = 0x80000000;
/** A longer run of literals, or a longer match, has its length in further bytes. */
const MAX_SHORT_LENGTH = 15;
const MIN_MATCH_LENGTH = 4;

/**
 * Measures the decompressed size of LZ4 frames without decompressing them: a frame need not declare it.
 * @returns the size in bytes, or some number above `limit` as soon as the limit is exceeded
 * @throws UndecodableBatchError
 */
export function measureLz4(bytes: Buffer, limit: number): number {
  let size = 0;
  for (const { from, end, isCompressed } of readBlocks(bytes)) {
    if (!isCompressed) size += end - from;
    else
      for (const { literals, match } of readSequences(bytes, from, end)) {
        size += literals + match;
        if (size > limit) return size;
      }
    if (size > limit) return size;
  }
  return size;
}

/**
 * @param size as measured by `measureLz4`
 * @throws UndecodableBatchError
 */
export function decompressLz4(bytes: Buffer, size: number): Buffer {
  const output = new DecompressionBuffer(size);
  for (const { from, end, isCompressed } of readBlocks(bytes)) {
    if (!isCompressed) output.copyLiterals(bytes, from, end - from);
    else
      for (const { literalsAt, literals, distance, match } of readSequences(bytes, from, end)) {
        output.copyLiterals(bytes, literalsAt, literals);
        if (match > 0) output.copyMatch(distance, match);
      }
  }
  return output.bytes;
}

interface Block {
  readonly from: number;
  readonly end: number;
  readonly isCompressed: boolean;
}

function* readBlocks(bytes: Buffer): Generator<Block> {
  let at = 0;
  const skip = (length: number) => {
    if (length > bytes.length - at) throw corruptData();
    at += length;
  };
  const readUint32 = () => {
    skip(4);
    return bytes.readUInt32LE(at - 4);
  };
  while (at < bytes.length) {
    const magic = readUint32();
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC) {
      skip(readUint32());
      continue;
    }
    if (magic !== MAGIC || at >= bytes.length) throw corruptData();
    const flags = bytes[at]!;
    const [hasContentSize, hasDictionary] = [(flags & 0x08) !== 0, (flags & 0x01) !== 0];
    const [hasBlockChecksum, hasContentChecksum] = [(flags & 0x10) !== 0, (flags & 0x04) !== 0];
    if (flags >>> 6 !== 1 || hasDictionary) throw corruptData();
    skip(3 + (hasContentSize ? 8 : 0));
    for (let head = readUint32(); head !== 0; head = readUint32()) {
      const from = at;
      skip((head & ~UNCOMPRESSED_FLAG) >>> 0);
      yield { from, end: at, isCompressed: head < UNCOMPRESSED_FLAG };
      if (hasBlockChecksum) skip(4);
    }
    if (hasContentChecksum) skip(4);
  }
}

interface Sequence {
  literalsAt: number;
  literals: number;
  distance: number;
  /** Length of the match in bytes; 0 in the last sequence of a block. */
  match: number;
}

/** Yields the same object each time, updated to the next sequence: a block may have millions of them. */
function* readSequences(bytes: Buffer, from: number, end: number): Generator<Sequence> {
  let at = from;
  const sequence: Sequence = { literalsAt: 0, literals: 0, distance: 0, match: 0 };
  const readLength = (short: number) => {
    let length = short;
    if (short < MAX_SHORT_LENGTH) return length;
    for (let byte = 255; byte === 255; at += 1) {
      if (at >= end) throw corruptData();
      byte = bytes[at]!;
      length += byte;
    }
    return length;
  };
  while (at < end) {
    const token = bytes[at]!;
    at += 1;
    sequence.literals = readLength(token >>> 4);
    sequence.literalsAt = at;
    at += sequence.literals;
    if (at > end) throw corruptData();
    sequence.match = 0;
    if (at < end) {
      if (at + 2 > end) throw corruptData();
      sequence.distance = bytes.readUInt16LE(at);
      at += 2;
      sequence.match = readLength(token & 0x0f) + MIN_MATCH_LENGTH;
    }
    yield sequence;
  }
}

// Snappy, without the native library for the same reason.

/** The first bytes of snappy-java's format, which all Java clients use. Blocks follow, each after its length. */
const JAVA_MAGIC = Buffer.from([0x82, ...Buffer.from('SNAPPY'), 0]);
/** The magic bytes, a version, and the lowest version that can read the data. */
const JAVA_HEADER_BYTES = 16;

/** A literal longer than this has its length in 1 to 4 further bytes. */
const MAX_SHORT_LITERAL = 60;

/** Splits a batch into its snappy blocks: https://github.com/google/snappy/blob/main/format_description.txt */
export function splitSnappyBlocks(bytes: Buffer): readonly Buffer[] {
  if (!bytes.subarray(0, JAVA_MAGIC.length).equals(JAVA_MAGIC)) return [bytes];
  const blocks: Buffer[] = [];
  for (let at = JAVA_HEADER_BYTES; at < bytes.length;) {
    if (at + 4 > bytes.length) throw corruptData();
    const length = bytes.readUInt32BE(at);
    const end = at + 4 + length;
    if (length === 0 || end > bytes.length) throw corruptData();
    blocks.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return blocks;
}

/** The decompressed size that the blocks declare, in bytes. */
export const measureSnappyBlocks = (blocks: readonly Buffer[]): number =>
  blocks.reduce((sum, block) => sum + readPreamble(block).size, 0);

/** @throws UndecodableBatchError */
export function decompressSnappyBlock(block: Buffer): Buffer {
  const { size, bytes } = readPreamble(block);
  const output = new DecompressionBuffer(size);
  /** Reads a little-endian integer of `width` bytes. */
  const readInteger = (at: number, width: number) => {
    if (at + width > block.length) throw corruptData();
    return block.readUIntLE(at, width);
  };
  for (let at = bytes; at < block.length;) {
    const tag = block[at]!;
    at += 1;
    const upper = tag >>> 2;
    const kind = tag & 0x03;
    if (kind === 0) {
      const width = Math.max(0, upper - MAX_SHORT_LITERAL + 1);
      const length = (width === 0 ? upper : readInteger(at, width)) + 1;
      at += width;
      output.copyLiterals(block, at, length);
      at += length;
    } else if (kind === 1) {
      output.copyMatch(((tag >>> 5) << 8) | readInteger(at, 1), (upper & 0x07) + 4);
      at += 1;
    } else {
      const width = kind === 2 ? 2 : 4;
      output.copyMatch(readInteger(at, width), upper + 1);
      at += width;
    }
  }
  if (!output.isFull) throw corruptData();
  return output.bytes;
}

/** Reads the decompressed size at the start of a block: a varint, seven bits a byte, lowest first. */
function readPreamble(block: Buffer): { readonly size: number; readonly bytes: number } {
  let size = 0;
  for (let at = 0, scale = 1; at < 5 && at < block.length; at += 1, scale *= 128) {
    size += (block[at]! & 0x7f) * scale;
    if (block[at]! < 0x80) return { size, bytes: at + 1 };
  }
  throw corruptData();
}
