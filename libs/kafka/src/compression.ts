import { promisify } from 'node:util';
import { unzip, zstdDecompress } from 'node:zlib';
import kafkajs from 'kafkajs';

// Node finds no such name among the exports of this CommonJS module.
const { CompressionCodecs, CompressionTypes } = kafkajs;

/**
 * What a batch may come to, in bytes: many times what a publisher puts into one. A broker looks at the compressed size
 * only, and the rest would be the memory of whoever reads the topic.
 */
const MOST_BYTES = 64 * 1024 * 1024;

/** What snappy-java, and so every Java client, begins with: blocks follow, each behind its length. */
const JAVA_MAGIC = Buffer.from([0x82, ...Buffer.from('SNAPPY'), 0]);
/** The magic, a version and the least version that can read it. */
const JAVA_HEADER_BYTES = 16;

const options = { maxOutputLength: MOST_BYTES };

/**
 * Lets kafkajs read every kind of batch. By itself it knows gzip only, and at any other its consumers end for good: one
 * publisher's setting would stop a whole topic. We send as it is, so there is nothing new to compress with.
 */
export function readCompressedBatches(): void {
  const gzip = CompressionCodecs[CompressionTypes.GZIP]() as object;
  Object.assign(CompressionCodecs, {
    [CompressionTypes.GZIP]: () => ({ ...gzip, decompress: gunzip }),
    [CompressionTypes.Snappy]: () => ({ decompress: unsnap }),
    [CompressionTypes.LZ4]: () => ({ decompress: unLz4 }),
    [CompressionTypes.ZSTD]: () => ({ decompress: unzstd }),
  });
}

const gunzip = (batch: Buffer): Promise<Buffer> => promisify(unzip)(batch, options);
const unzstd = (batch: Buffer): Promise<Buffer> => promisify(zstdDecompress)(batch, options);

// The libraries are loaded when the first such batch comes.

async function unLz4(batch: Buffer): Promise<Buffer> {
  const { decompressFrame } = await import('lz4-napi');
  return decompressFrame(batch);
}

async function unsnap(batch: Buffer): Promise<Buffer> {
  const { uncompress } = await import('snappy');
  const plain = async (block: Buffer) => (await uncompress(block, { asBuffer: true })) as Buffer;
  if (!batch.subarray(0, JAVA_MAGIC.length).equals(JAVA_MAGIC)) return plain(batch);
  const blocks: Buffer[] = [];
  for (let at = JAVA_HEADER_BYTES; at < batch.length;) {
    const end = at + 4 + batch.readInt32BE(at);
    blocks.push(await plain(batch.subarray(at + 4, end)));
    at = end;
  }
  return Buffer.concat(blocks);
}
