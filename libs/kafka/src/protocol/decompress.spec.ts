import { promisify } from 'node:util';
import { gzip, zstdCompress } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { compressFrame } from 'lz4-napi';
import { compress as snap } from 'snappy';
import { decompress, MAX_DECOMPRESSED_BYTES } from './decompress.js';

const BATCH = Buffer.from(JSON.stringify(Array.from({ length: 20_000 }, (_, n) => `record ${n}`)));

/** Far beyond the limit. One for all codecs, because most of the time goes into the memory, not into the compression. */
const HUGE = Buffer.alloc(160 * 1024 * 1024);

/** As snappy-java does: a header, then blocks of 32 KiB, each behind its length. */
async function snapAsJava(bytes: Buffer): Promise<Buffer> {
  const parts: Buffer[] = [Buffer.from('82534e41505059000000000100000001', 'hex')];
  let last: Buffer = Buffer.alloc(0);
  let block: Buffer = last;
  for (let at = 0; at < bytes.length; at += 32_768) {
    const next = bytes.subarray(at, at + 32_768);
    // A bomb repeats one block thousands of times.
    if (!next.equals(last)) block = await snap(next);
    last = next;
    const length = Buffer.alloc(4);
    length.writeInt32BE(block.length);
    parts.push(length, block);
  }
  return Buffer.concat(parts);
}

const lz4WithChecksums = (bytes: Buffer) =>
  compressFrame(bytes, { contentChecksum: true, blockChecksums: true });

const CODECS: [string, number, (bytes: Buffer) => Promise<Buffer>][] = [
  ['gzip', 1, promisify<Buffer, Buffer>(gzip)],
  ['snappy, as C clients do it', 2, snap],
  ['snappy, as Java clients do it', 2, snapAsJava],
  ['LZ4', 3, compressFrame],
  ['LZ4 with checksums', 3, lz4WithChecksums],
  ['Zstandard', 4, promisify<Buffer, Buffer>(zstdCompress)],
];

describe('decompress', () => {
  it.each(CODECS)('decompresses %s', async (_, codec, compress) => {
    const compressed = await compress(BATCH);
    expect(compressed.length).toBeLessThan(BATCH.length / 2);
    expect((await decompress(codec, compressed)).equals(BATCH)).toBe(true);
  });

  it.each(CODECS)(
    'unpacks what does not shrink, and as much as the limit allows: %s',
    async (_, codec, compress) => {
      const noise = Buffer.from(Array.from({ length: 5_000 }, (__, n) => (n * n * 31 + (n >> 3)) & 0xff));
      expect((await decompress(codec, await compress(noise))).equals(noise)).toBe(true);
      expect(await decompress(codec, await compress(Buffer.alloc(MAX_DECOMPRESSED_BYTES)))).toHaveLength(
        MAX_DECOMPRESSED_BYTES,
      );
    },
  );

  it.each(CODECS)('rejects one byte more than the limit: %s', async (_, codec, compress) => {
    const bomb = await compress(Buffer.alloc(MAX_DECOMPRESSED_BYTES + 1));
    expect(bomb.length).toBeLessThan(1024 * 1024);
    await expect(decompress(codec, bomb)).rejects.toThrow(
      `it unpacks to more than ${MAX_DECOMPRESSED_BYTES} bytes`,
    );
  });

  it.each(CODECS)('allocates no memory for output far beyond the limit: %s', async (_, codec, compress) => {
    const bomb = await compress(HUGE);
    globalThis.gc?.();
    const before = process.memoryUsage.rss();
    let most = 0;
    const watch = setInterval(() => (most = Math.max(most, process.memoryUsage.rss() - before)), 1);
    await expect(decompress(codec, bomb)).rejects.toThrow('it unpacks to more than');
    clearInterval(watch);
    expect(most).toBeLessThan(120 * 1024 * 1024);
  });

  it.each(CODECS)(
    'rejects input that is truncated or damaged anywhere, and terminates: %s',
    async (_, codec, compress) => {
      const whole = await compress(BATCH.subarray(0, 400));
      const outcome = (bytes: Buffer) =>
        decompress(codec, bytes).then(
          (unpacked) => (unpacked.length <= MAX_DECOMPRESSED_BYTES ? 'unpacked' : 'too much'),
          (error: Error) => error.name,
        );
      const outcomes = new Set<string>();
      for (let length = 0; length < whole.length; length += 1) {
        outcomes.add(await outcome(whole.subarray(0, length)));
      }
      for (let at = 0; at < whole.length; at += 1) {
        for (const byte of [0x00, 0x7f, 0x80, 0xff]) {
          const damaged = Buffer.from(whole);
          damaged[at] = byte;
          outcomes.add(await outcome(damaged));
        }
      }
      expect([...outcomes].toSorted()).toEqual(['UndecodableBatchError', 'unpacked']);
    },
  );

  it.each([0, 5, 6, 7])('rejects the unknown codec %d', async (codec) => {
    await expect(decompress(codec, BATCH)).rejects.toThrow(`its compression codec ${codec} is not known`);
  });
});
