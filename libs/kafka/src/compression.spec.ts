import { promisify } from 'node:util';
import { gzip, zstdCompress } from 'node:zlib';
import { beforeAll, describe, expect, it } from '@jest/globals';
import kafkajs, { CompressionTypes } from 'kafkajs';
import { compressFrame } from 'lz4-napi';
import { compress as snap } from 'snappy';
import { readCompressedBatches } from './compression.js';

const BATCH = Buffer.from(JSON.stringify(Array.from({ length: 20_000 }, (_, n) => `record ${n}`)));

type Type = Exclude<CompressionTypes, CompressionTypes.None>;
const decompress = async (type: Type, bytes: Buffer): Promise<Buffer> =>
  (kafkajs.CompressionCodecs[type]() as { decompress(bytes: Buffer): Promise<Buffer> }).decompress(bytes);

/** As snappy-java does: a header, then blocks of 32 KiB, each behind its length. */
async function snapAsJava(bytes: Buffer): Promise<Buffer> {
  const parts: Buffer[] = [Buffer.from('82534e41505059000000000100000001', 'hex')];
  for (let at = 0; at < bytes.length; at += 32_768) {
    const block = await snap(bytes.subarray(at, at + 32_768));
    const length = Buffer.alloc(4);
    length.writeInt32BE(block.length);
    parts.push(length, block);
  }
  return Buffer.concat(parts);
}

describe('a batch that its publisher has compressed', () => {
  beforeAll(readCompressedBatches);

  it.each<[string, Type, (bytes: Buffer) => Promise<Buffer>]>([
    ['gzip', CompressionTypes.GZIP, promisify<Buffer, Buffer>(gzip)],
    ['snappy, as C clients do it', CompressionTypes.Snappy, snap],
    ['snappy, as Java clients do it', CompressionTypes.Snappy, snapAsJava],
    ['LZ4', CompressionTypes.LZ4, compressFrame],
    ['Zstandard', CompressionTypes.ZSTD, promisify<Buffer, Buffer>(zstdCompress)],
  ])('is read: %s', async (_, type, compress) => {
    const compressed = await compress(BATCH);
    expect(compressed.length).toBeLessThan(BATCH.length / 2);
    expect((await decompress(type, compressed)).equals(BATCH)).toBe(true);
  });

  it.each<[string, Type, (bytes: Buffer) => Promise<Buffer>]>([
    ['gzip', CompressionTypes.GZIP, promisify<Buffer, Buffer>(gzip)],
    ['Zstandard', CompressionTypes.ZSTD, promisify<Buffer, Buffer>(zstdCompress)],
  ])('costs no more memory than there is, whatever it claims to be: %s', async (_, type, compress) => {
    const bomb = await compress(Buffer.alloc(65 * 1024 * 1024));
    expect(bomb.length).toBeLessThan(1024 * 1024);
    await expect(decompress(type, bomb)).rejects.toThrow('larger than 67108864 bytes');
  });
});
