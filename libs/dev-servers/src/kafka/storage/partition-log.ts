import { mkdirSync, readdirSync } from 'node:fs';
import { ErrorCode } from '../protocol/error-codes.js';
import { assignOffsets, type BatchHeader, readBatchHeader, readRecords } from '../protocol/record-batch.js';
import { ProducerStates } from './producer-states.js';
import { type ByteRange, recoverSegment, Segment } from './segment.js';
import type { LogLimits } from './topic-config.js';
import { type BatchRejection, validateBatch } from './validate-batch.js';

export interface AppendResult {
  readonly error: ErrorCode;
  /** The offset of the batch, also of a duplicate; -1 with an error. */
  readonly baseOffset: number;
  /** Details of an error. */
  readonly rejection?: BatchRejection;
}

/** The log of one partition: segments in their own directory. */
export class PartitionLog {
  /** Called when records are appended and when the log is closed. */
  readonly listeners = new Set<() => void>();
  private readonly producers = new ProducerStates();
  private readonly segments: Segment[] = [];
  private firstOffset: number;
  private nextOffset: number;

  /**
   * Opens the segments in a directory, which is created if it does not exist.
   * @param deletedBelow the first offset that was not deleted on request
   * @throws when a file is damaged elsewhere than at the end of the newest segment
   */
  constructor(
    private readonly directory: string,
    private readonly limits: LogLimits,
    deletedBelow = 0,
  ) {
    mkdirSync(directory, { recursive: true });
    const bases = readdirSync(directory)
      .map((file) => Segment.baseOffsetOf(file))
      .filter((base) => base !== undefined)
      .toSorted((a, b) => a - b);
    this.nextOffset = bases[0] ?? deletedBelow;
    for (const [i, base] of bases.entries()) {
      if (base !== this.nextOffset) throw new Error(`${directory} lacks the offsets before ${base}`);
      const segment = new Segment(directory, base);
      recoverSegment(segment, i === bases.length - 1, (batch) => this.recordBatch(batch));
      this.segments.push(segment);
    }
    if (this.segments.length === 0) this.roll();
    this.firstOffset = Math.min(Math.max(deletedBelow, this.segments[0]!.baseOffset), this.nextOffset);
  }

  /** The offset of the oldest record that can be read. */
  get startOffset(): number {
    return this.firstOffset;
  }

  /** The offset that the next record gets. */
  get endOffset(): number {
    return this.nextOffset;
  }

  /** Appends one batch of a producer. It is in the file when this returns. */
  append(batch: Buffer): AppendResult {
    const rejection = validateBatch(batch, this.limits, Date.now());
    if (rejection !== undefined) return { ...failed(rejection.error), rejection };
    const check = this.producers.checkSequence(readBatchHeader(batch));
    if (check.kind === 'rejected') return failed(check.error);
    if (check.kind === 'duplicate') return { error: ErrorCode.NONE, baseOffset: check.baseOffset };
    assignOffsets(batch, this.nextOffset);
    const header = readBatchHeader(batch);
    try {
      this.segmentFor(batch.length).append(batch, header);
    } catch (error) {
      process.stderr.write(
        `development broker: cannot append to ${this.directory}: ${(error as Error).message}\n`,
      );
      return failed(ErrorCode.STORAGE_ERROR);
    }
    this.recordBatch(header);
    this.notifyListeners();
    return { error: ErrorCode.NONE, baseOffset: header.baseOffset };
  }

  /** The batches of one segment from `offset`. See Segment.findRange. */
  findRange(offset: number, maxBytes: number, allowOversized: boolean): ByteRange | undefined {
    if (offset >= this.nextOffset) return undefined;
    return this.segments
      .findLast(({ baseOffset }) => baseOffset <= offset)
      ?.findRange(offset, maxBytes, allowOversized);
  }

  /** The first record at or after `timestamp` (ms since 1970). Of a compressed batch, its first offset. */
  findByTimestamp(timestamp: number): { offset: number; timestamp: number } | undefined {
    for (const segment of this.segments) {
      if (segment.maxTimestamp < timestamp) continue;
      for (const range of segment.batchesSince(timestamp)) {
        const found = findInBatch(segment.read(range), timestamp, this.firstOffset);
        if (found) return found;
      }
    }
    return undefined;
  }

  /** @param offset must be within the log */
  deleteRecordsBefore(offset: number): void {
    this.firstOffset = Math.max(this.firstOffset, offset);
    this.deleteSegmentsWhile((_, next) => next <= this.firstOffset);
  }

  /** @param now milliseconds since 1970 */
  applyRetention(now: number): void {
    const { retentionMs, retentionBytes, appliesRetention } = this.limits;
    if (!appliesRetention) return;
    const isExpired = ({ maxTimestamp }: Segment) =>
      retentionMs >= 0 && maxTimestamp >= 0 && maxTimestamp < now - retentionMs;
    if (isExpired(this.segments.at(-1)!)) this.roll();
    const exceedsSize = ({ bytes }: Segment) => retentionBytes >= 0 && this.bytes - bytes >= retentionBytes;
    this.deleteSegmentsWhile((segment) => isExpired(segment) || exceedsSize(segment));
  }

  close(): void {
    for (const segment of this.segments) segment.close();
    this.notifyListeners();
  }

  private get bytes(): number {
    return this.segments.reduce((total, segment) => total + segment.bytes, 0);
  }

  private segmentFor(bytes: number): Segment {
    const newest = this.segments.at(-1)!;
    return newest.bytes > 0 && newest.bytes + bytes > this.limits.segmentBytes ? this.roll() : newest;
  }

  private roll(): Segment {
    this.segments.at(-1)?.close();
    const segment = new Segment(this.directory, this.nextOffset);
    segment.create();
    this.segments.push(segment);
    return segment;
  }

  /** Deletes the oldest segments, but never the newest one. */
  private deleteSegmentsWhile(condition: (oldest: Segment, nextBase: number) => boolean): void {
    for (
      let next = this.segments[1];
      next && condition(this.segments[0]!, next.baseOffset);
      next = this.segments[1]
    ) {
      this.segments.shift()!.remove();
      this.firstOffset = Math.max(this.firstOffset, next.baseOffset);
    }
  }

  private recordBatch(header: BatchHeader): void {
    this.producers.record(header);
    this.nextOffset = header.lastOffset + 1;
  }

  private notifyListeners(): void {
    for (const listener of this.listeners) listener();
  }
}

function failed(error: ErrorCode): AppendResult {
  return { error, baseOffset: -1 };
}

function findInBatch(batch: Buffer, timestamp: number, start: number) {
  const { baseOffset, lastOffset, baseTimestamp, maxTimestamp, compressed } = readBatchHeader(batch);
  if (lastOffset < start) return undefined;
  if (compressed) return { offset: Math.max(baseOffset, start), timestamp: maxTimestamp };
  for (const { offsetDelta, timestampDelta } of readRecords(batch)) {
    const record = { offset: baseOffset + offsetDelta, timestamp: baseTimestamp + timestampDelta };
    if (record.offset >= start && record.timestamp >= timestamp) return record;
  }
  return undefined;
}
