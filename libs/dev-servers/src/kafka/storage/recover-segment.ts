import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs';
import {
  BATCH_HEADER_BYTES,
  type BatchHeader,
  isBatchFormat,
  isIntact,
  readBatchHeader,
} from '../protocol/batch.js';
import type { Segment } from './segment.js';

const WINDOW_BYTES = 1_048_576;

/**
 * Finds the batches in a segment's file.
 *
 * The newest segment of a partition is where a killed broker may have left half a batch, so there checksums are compared
 * and all from the first fault on is cut off. An older one was complete before the next was begun: its headers are
 * enough, and a fault in it is damage from elsewhere.
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
    const window = new Window(file);
    let nextOffset = segment.baseOffset;
    while (segment.bytes + BATCH_HEADER_BYTES <= size) {
      const head = window.at(segment.bytes, BATCH_HEADER_BYTES);
      const header = readBatchHeader(head);
      const fits = header.bytes >= BATCH_HEADER_BYTES && segment.bytes + header.bytes <= size;
      const isNext = header.baseOffset === nextOffset && header.lastOffset >= header.baseOffset;
      if (!fits || !isNext || !isBatchFormat(head)) break;
      if (isNewest && !isIntact(window.at(segment.bytes, header.bytes))) break;
      nextOffset = header.lastOffset + 1;
      segment.note(header);
      onBatch(header);
    }
    if (segment.bytes === size) return;
    if (!isNewest) throw new Error(`${segment.path} is damaged at byte ${segment.bytes}`);
    process.stderr.write(
      `development broker: cut ${size - segment.bytes} bytes of an unfinished batch off ${segment.path}\n`,
    );
    ftruncateSync(file, segment.bytes);
  } finally {
    closeSync(file);
  }
}

/** Reads a file front to back in large pieces. */
class Window {
  private bytes = Buffer.alloc(0);
  private start = 0;

  constructor(private readonly file: number) {}

  /** `length` bytes at `position`, which the file must have. */
  at(position: number, length: number): Buffer {
    if (position < this.start || position + length > this.start + this.bytes.length) {
      const buffer = Buffer.allocUnsafe(Math.max(length, WINDOW_BYTES));
      this.bytes = buffer.subarray(0, readSync(this.file, buffer, 0, buffer.length, position));
      this.start = position;
    }
    return this.bytes.subarray(position - this.start, position - this.start + length);
  }
}
