import { promisify } from 'node:util';
import { unzip, zstdDecompress } from 'node:zlib';
import {
  decompressLz4,
  measureLz4,
  decompressSnappyBlock,
  measureSnappyBlocks,
  splitSnappyBlocks,
} from './lz4-and-snappy.js';
import { UndecodableBatchError } from './record-primitives.js';

/**
 * The most bytes that a batch may have after decompression. A broker limits the compressed size only (1 MiB by default), so
 * without a limit here a batch could take the memory of every process that reads the topic. Publishers' clients put less
 * than 1 MiB into a batch before they compress it.
 */
export const MAX_DECOMPRESSED_BYTES = 16 * 1024 * 1024;

interface Codec {
  readonly name: string;
  readonly decompress: (bytes: Buffer) => Buffer | Promise<Buffer>;
}

const LIMIT = { maxOutputLength: MAX_DECOMPRESSED_BYTES };

/** By the codec number in the attributes of a batch. */
const CODECS: Readonly<Record<number, Codec>> = {
  1: { name: 'gzip', decompress: (bytes) => promisify(unzip)(bytes, LIMIT) },
  2: { name: 'snappy', decompress: decompressSnappy },
  3: { name: 'LZ4', decompress: decompressWholeLz4 },
  4: { name: 'Zstandard', decompress: (bytes) => promisify(zstdDecompress)(bytes, LIMIT) },
};

/** Error codes that mean that this process has no memory left. They say nothing about the batch. */
const OUT_OF_MEMORY = new Set([
  'Z_MEM_ERROR',
  'ZSTD_error_memory_allocation',
  'ERR_MEMORY_ALLOCATION_FAILED',
]);

/**
 * Decompresses the records of a batch. More than MAX_DECOMPRESSED_BYTES is detected before the memory is allocated.
 * @throws UndecodableBatchError
 */
export async function decompress(codec: number, bytes: Buffer): Promise<Buffer> {
  const known = CODECS[codec];
  if (known === undefined) throw new UndecodableBatchError(`its compression codec ${codec} is not known`);
  try {
    return await known.decompress(bytes);
  } catch (error) {
    if (error instanceof BatchTooLargeError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw new BatchTooLargeError();
    if (code !== undefined && OUT_OF_MEMORY.has(code)) throw error;
    throw new UndecodableBatchError(`its ${known.name} data is corrupt`);
  }
}

class BatchTooLargeError extends UndecodableBatchError {
  constructor() {
    super(`it unpacks to more than ${MAX_DECOMPRESSED_BYTES} bytes`);
  }
}

function decompressWholeLz4(bytes: Buffer): Buffer {
  const size = measureLz4(bytes, MAX_DECOMPRESSED_BYTES);
  if (size > MAX_DECOMPRESSED_BYTES) throw new BatchTooLargeError();
  return decompressLz4(bytes, size);
}

function decompressSnappy(bytes: Buffer): Buffer {
  const blocks = splitSnappyBlocks(bytes);
  if (measureSnappyBlocks(blocks) > MAX_DECOMPRESSED_BYTES) throw new BatchTooLargeError();
  return blocks.length === 1
    ? decompressSnappyBlock(blocks[0]!)
    : Buffer.concat(blocks.map(decompressSnappyBlock));
}
