import { mkdirSync, readdirSync } from 'node:fs';
import { type BatchHeader, placeAt, readBatchHeader } from '../protocol/batch.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { walkRecords } from '../protocol/records.js';
import { batchFault } from './batch-fault.js';
import { ProducerStates } from './producer-states.js';
import { recoverSegment } from './recover-segment.js';
import { Segment, type Span } from './segment.js';
import type { LogLimits } from './topic-config.js';

export interface Appended {
  readonly error: ErrorCode;
  /** Where the batch stands, or stood already; -1 with an error. */
  readonly baseOffset: number;
}

/** One partition: segments in a directory of its own, and who waits for more. */
export class PartitionLog {
  /** Called when records arrive, and when the log is closed. */
  readonly watchers = new Set<() => void>();
  private readonly producers = new ProducerStates();
  private readonly segments: Segment[] = [];
  private startOffset: number;
  private nextOffset: number;

  /**
   * Opens what the directory holds.
   * @param deletedBelow the offset below which records were deleted on request
   * @throws when a file is damaged elsewhere than at the end of the newest
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
      if (base !== this.nextOffset) throw new Error(`${directory} lacks the offsets up to ${base}`);
      const segment = new Segment(directory, base);
      recoverSegment(segment, i === bases.length - 1, (batch) => this.note(batch));
      this.segments.push(segment);
    }
    if (this.segments.length === 0) this.roll();
    this.startOffset = Math.min(Math.max(deletedBelow, this.segments[0]!.baseOffset), this.nextOffset);
  }

  /** The offset of the oldest record that can be read. */
  get start(): number {
    return this.startOffset;
  }

  /** The offset that the next record gets. */
  get end(): number {
    return this.nextOffset;
  }

  /** Takes one batch of a producer. It is in the file when this returns. */
  append(batch: Buffer): Appended {
    const fault = batchFault(batch, this.limits);
    if (fault !== undefined) return refused(fault);
    const verdict = this.producers.judge(readBatchHeader(batch));
    if (verdict.kind === 'refused') return refused(verdict.error);
    if (verdict.kind === 'duplicate') return { error: ErrorCode.NONE, baseOffset: verdict.baseOffset };
    placeAt(batch, this.nextOffset);
    const header = readBatchHeader(batch);
    try {
      this.segmentFor(batch.length).append(batch, header);
    } catch (error) {
      process.stderr.write(`development broker: ${(error as Error).message}\n`);
      return refused(ErrorCode.STORAGE_ERROR);
    }
    this.note(header);
    this.wake();
    return { error: ErrorCode.NONE, baseOffset: header.baseOffset };
  }

  /** What a fetch at `offset` would get, from one segment. See Segment.span. */
  span(offset: number, maxBytes: number, evenOne: boolean): Span | undefined {
    if (offset >= this.nextOffset) return undefined;
    return this.segments.findLast(({ baseOffset }) => baseOffset <= offset)?.span(offset, maxBytes, evenOne);
  }

  /** The first record at or after `timestamp` (ms); in a compressed batch, the batch's first. */
  firstSince(timestamp: number): { offset: number; timestamp: number } | undefined {
    for (const segment of this.segments) {
      if (segment.newestTimestamp < timestamp) continue;
      for (const span of segment.reaching(timestamp)) {
        const found = firstInBatch(segment.read(span), timestamp, this.startOffset);
        if (found) return found;
      }
    }
    return undefined;
  }

  /** Deletes the records below `offset`, which must be within the log. */
  deleteBelow(offset: number): void {
    this.startOffset = Math.max(this.startOffset, offset);
    this.dropWhile((_, next) => next <= this.startOffset);
  }

  /** @param now milliseconds since 1970 */
  applyRetention(now: number): void {
    const { retentionMs, retentionBytes, deletes } = this.limits;
    if (!deletes) return;
    const isExpired = ({ newestTimestamp: newest }: Segment) =>
      retentionMs >= 0 && newest >= 0 && newest < now - retentionMs;
    if (isExpired(this.segments.at(-1)!)) this.roll();
    const isSurplus = ({ bytes }: Segment) => retentionBytes >= 0 && this.bytes - bytes >= retentionBytes;
    this.dropWhile((segment) => isExpired(segment) || isSurplus(segment));
  }

  close(): void {
    for (const segment of this.segments) segment.close();
    this.wake();
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

  /** Drops the oldest segments but never the newest. */
  private dropWhile(condition: (oldest: Segment, nextBase: number) => boolean): void {
    for (
      let next = this.segments[1];
      next && condition(this.segments[0]!, next.baseOffset);
      next = this.segments[1]
    ) {
      this.segments.shift()!.remove();
      this.startOffset = Math.max(this.startOffset, next.baseOffset);
    }
  }

  private note(header: BatchHeader): void {
    this.producers.record(header);
    this.nextOffset = header.lastOffset + 1;
  }

  private wake(): void {
    for (const watcher of this.watchers) watcher();
  }
}

function refused(error: ErrorCode): Appended {
  return { error, baseOffset: -1 };
}

function firstInBatch(batch: Buffer, timestamp: number, start: number) {
  const { baseOffset, lastOffset, baseTimestamp, maxTimestamp, compressed } = readBatchHeader(batch);
  if (lastOffset < start) return undefined;
  if (compressed) return { offset: Math.max(baseOffset, start), timestamp: maxTimestamp };
  for (const { offsetDelta, timestampDelta } of walkRecords(batch)) {
    const record = { offset: baseOffset + offsetDelta, timestamp: baseTimestamp + timestampDelta };
    if (record.offset >= start && record.timestamp >= timestamp) return record;
  }
  return undefined;
}
