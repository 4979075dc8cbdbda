import { closeSync, fstatSync, ftruncateSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import {
  BATCH_HEADER_BYTES,
  type BatchHeader,
  hasValidChecksum,
  isBatchFormat,
  readBatchHeader,
} from '../protocol/record-batch.js';

const EXTENSION = '.log';

/** Whole batches in a segment's file, by their byte offsets. */
export interface ByteRange {
  readonly segment: Segment;
  readonly from: number;
  readonly to: number;
}

/**
 * One file of a partition: batches as their producers sent them, one after the other. The offset and position of each batch are
 * indexed in memory. Only the segment that is written to keeps its file open.
 */
export class Segment {
  readonly path: string;
  bytes = 0;
  /** Milliseconds since 1970; -1 while the segment is empty. */
  maxTimestamp = -1;
  private readonly baseOffsets: number[] = [];
  private readonly positions: number[] = [];
  private readonly timestamps: number[] = [];
  private file: number | undefined;

  constructor(
    directory: string,
    readonly baseOffset: number,
  ) {
    this.path = join(directory, `${String(baseOffset).padStart(20, '0')}${EXTENSION}`);
  }

  /** @returns the base offset of the segment that a file holds, undefined when the file is not a segment */
  static baseOffsetOf(file: string): number | undefined {
    return /^\d{20}\.log$/.test(file) ? Number(file.slice(0, -EXTENSION.length)) : undefined;
  }

  /** Creates the file. Its name preserves the next offset after retention has deleted all records. */
  create(): void {
    closeSync(openSync(this.path, 'a'));
  }

  /** Adds a batch at the end of the file to the index. */
  addToIndex({ baseOffset, maxTimestamp, bytes }: BatchHeader): void {
    this.baseOffsets.push(baseOffset);
    this.positions.push(this.bytes);
    this.timestamps.push(maxTimestamp);
    this.bytes += bytes;
    this.maxTimestamp = Math.max(this.maxTimestamp, maxTimestamp);
  }

  /** Writes a batch. If the write fails, no part of it stays in the file. */
  append(batch: Buffer, header: BatchHeader): void {
    const file = (this.file ??= openSync(this.path, 'a+'));
    try {
      for (let done = 0; done < batch.length;) done += writeSync(file, batch, done);
    } catch (error) {
      ftruncateSync(file, this.bytes);
      throw error;
    }
    this.addToIndex(header);
  }

  /**
   * The batches from the one that contains `offset`, up to `maxBytes`.
   * @param allowOversized whether to return the first batch even if it exceeds `maxBytes`
   */
  findRange(offset: number, maxBytes: number, allowOversized: boolean): ByteRange | undefined {
    const first = Math.max(0, lastIndexAtOrBelow(this.baseOffsets, offset));
    const from = this.positions[first];
    if (from === undefined) return undefined;
    // The first batch that does not fit begins at the last position at or below the limit.
    const limit = from + maxBytes;
    const to = this.bytes <= limit ? this.bytes : this.positions[lastIndexAtOrBelow(this.positions, limit)]!;
    if (to > from) return { segment: this, from, to };
    return allowOversized ? { segment: this, from, to: this.positions[first + 1] ?? this.bytes } : undefined;
  }

  /** The batches whose newest record is at or after `timestamp`, oldest first. */
  *batchesSince(timestamp: number): Generator<ByteRange> {
    for (const [i, newest] of this.timestamps.entries()) {
      if (newest < timestamp) continue;
      yield { segment: this, from: this.positions[i]!, to: this.positions[i + 1] ?? this.bytes };
    }
  }

  read({ from, to }: ByteRange): Buffer {
    const opened = this.file === undefined ? openSync(this.path, 'r') : undefined;
    try {
      const bytes = Buffer.allocUnsafe(to - from);
      const got = readSync(opened ?? this.file!, bytes, 0, bytes.length, from);
      if (got < bytes.length) throw new Error(`${this.path} is shorter than it was`);
      return bytes;
    } finally {
      if (opened !== undefined) closeSync(opened);
    }
  }

  close(): void {
    if (this.file !== undefined) closeSync(this.file);
    this.file = undefined;
  }

  remove(): void {
    this.close();
    rmSync(this.path, { force: true });
  }
}

function lastIndexAtOrBelow(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

const WINDOW_BYTES = 1_048_576;

/**
 * Indexes the batches in a segment's file.
 *
 * A killed broker may leave half a batch in the newest segment of a partition. There, checksums are verified, and the file is
 * truncated at the first invalid batch. An older segment was complete before the next one was created: only its headers are read,
 * and an invalid one means damage.
 * @throws when a segment other than the newest is damaged
 */
export function recoverSegment(
  segment: Segment,
  isNewest: boolean,
  onBatch: (batch: BatchHeader) => void,
): void {
  const file = openSync(segment.path, 'a+');
  try {
    const size = fstatSync(file).size;
    const window = new ReadWindow(file);
    let nextOffset = segment.baseOffset;
    while (segment.bytes + BATCH_HEADER_BYTES <= size) {
      const head = window.at(segment.bytes, BATCH_HEADER_BYTES);
      const header = readBatchHeader(head);
      const isWithinFile = header.bytes >= BATCH_HEADER_BYTES && segment.bytes + header.bytes <= size;
      const isNext = header.baseOffset === nextOffset && header.lastOffset >= header.baseOffset;
      if (!isWithinFile || !isNext || !isBatchFormat(head)) break;
      if (isNewest && !hasValidChecksum(window.at(segment.bytes, header.bytes))) break;
      nextOffset = header.lastOffset + 1;
      segment.addToIndex(header);
      onBatch(header);
    }
    if (segment.bytes === size) return;
    if (!isNewest) throw new Error(`${segment.path} is damaged at byte ${segment.bytes}`);
    process.stderr.write(
      `development broker: truncated an unfinished batch of ${size - segment.bytes} bytes at the end of ${segment.path}\n`,
    );
    ftruncateSync(file, segment.bytes);
  } finally {
    closeSync(file);
  }
}

/** Reads a file from start to end in large chunks. */
class ReadWindow {
  private bytes = Buffer.alloc(0);
  private start = 0;

  constructor(private readonly file: number) {}

  /** The bytes must exist in the file. */
  at(position: number, length: number): Buffer {
    if (position < this.start || position + length > this.start + this.bytes.length) {
      const buffer = Buffer.allocUnsafe(Math.max(length, WINDOW_BYTES));
      this.bytes = buffer.subarray(0, readSync(this.file, buffer, 0, buffer.length, position));
      this.start = position;
    }
    return this.bytes.subarray(position - this.start, position - this.start + length);
  }
}
