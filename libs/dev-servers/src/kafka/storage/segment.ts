import { closeSync, ftruncateSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { BatchHeader } from '../protocol/batch.js';

const EXTENSION = '.log';

/** Where whole batches stand in a segment's file, in bytes. */
export interface Span {
  readonly segment: Segment;
  readonly from: number;
  readonly to: number;
}

/**
 * One file of a partition: batches as their producers sent them, one after the other. Where each batch stands is known
 * in memory. Only a segment that is written to keeps its file open.
 */
export class Segment {
  readonly path: string;
  bytes = 0;
  /** Milliseconds since 1970, -1 while it is empty. */
  newestTimestamp = -1;
  private readonly baseOffsets: number[] = [];
  private readonly positions: number[] = [];
  private readonly timestamps: number[] = [];
  private writing: number | undefined;

  constructor(
    directory: string,
    readonly baseOffset: number,
  ) {
    this.path = join(directory, `${String(baseOffset).padStart(20, '0')}${EXTENSION}`);
  }

  /** @returns the base offset of the segment that a file holds, undefined when it is no segment */
  static baseOffsetOf(file: string): number | undefined {
    return /^\d{20}\.log$/.test(file) ? Number(file.slice(0, -EXTENSION.length)) : undefined;
  }

  /** Makes the file: its name alone tells the next offset when retention has taken all records. */
  create(): void {
    closeSync(openSync(this.path, 'a'));
  }

  /** Notes a batch that stands at the end of the file. */
  note({ baseOffset, maxTimestamp, bytes }: BatchHeader): void {
    this.baseOffsets.push(baseOffset);
    this.positions.push(this.bytes);
    this.timestamps.push(maxTimestamp);
    this.bytes += bytes;
    this.newestTimestamp = Math.max(this.newestTimestamp, maxTimestamp);
  }

  /** Writes a batch; nothing of it stays when the disk takes only a part. */
  append(batch: Buffer, header: BatchHeader): void {
    const file = (this.writing ??= openSync(this.path, 'a+'));
    try {
      for (let done = 0; done < batch.length;) done += writeSync(file, batch, done);
    } catch (error) {
      ftruncateSync(file, this.bytes);
      throw error;
    }
    this.note(header);
  }

  /**
   * The batches from the one that holds `offset` on, as many as fit `maxBytes`.
   * @param evenOne whether the first is given although it does not fit
   */
  span(offset: number, maxBytes: number, evenOne: boolean): Span | undefined {
    const first = Math.max(0, lastAtOrBelow(this.baseOffsets, offset));
    const from = this.positions[first];
    if (from === undefined) return undefined;
    // The last position at or below the limit is where the first batch that does not fit begins.
    const limit = from + maxBytes;
    const to = this.bytes <= limit ? this.bytes : this.positions[lastAtOrBelow(this.positions, limit)]!;
    if (to > from) return { segment: this, from, to };
    return evenOne ? { segment: this, from, to: this.positions[first + 1] ?? this.bytes } : undefined;
  }

  /** Batches whose newest record is at or after `timestamp`, oldest first. */
  *reaching(timestamp: number): Generator<Span> {
    for (const [i, newest] of this.timestamps.entries()) {
      if (newest < timestamp) continue;
      yield { segment: this, from: this.positions[i]!, to: this.positions[i + 1] ?? this.bytes };
    }
  }

  read({ from, to }: Span): Buffer {
    const file = this.writing === undefined ? openSync(this.path, 'r') : undefined;
    try {
      const bytes = Buffer.allocUnsafe(to - from);
      const got = readSync(file ?? this.writing!, bytes, 0, bytes.length, from);
      if (got < bytes.length) throw new Error(`${this.path} is shorter than it was`);
      return bytes;
    } finally {
      if (file !== undefined) closeSync(file);
    }
  }

  close(): void {
    if (this.writing !== undefined) closeSync(this.writing);
    this.writing = undefined;
  }

  remove(): void {
    this.close();
    rmSync(this.path, { force: true });
  }
}

function lastAtOrBelow(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
