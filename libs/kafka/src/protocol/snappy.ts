import { corruptData, DecompressionBuffer } from './decompression-buffer.js';

// Not the native library: it keeps the memory of its largest output, so a few decompression bombs would use it up for good.

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
