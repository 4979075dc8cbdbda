import { ErrorCode } from '../protocol/error-codes.js';
import {
  BATCH_HEADER_BYTES,
  type BatchHeader,
  hasValidChecksum,
  isBatchFormat,
  MalformedRecordError,
  readBatchHeader,
  readRecords,
} from '../protocol/record-batch.js';
import type { LogLimits } from './topic-config.js';

/** Why a batch is rejected. */
export interface BatchRejection {
  readonly error: ErrorCode;
  readonly message?: string;
  /** The records that are the reason, if known. */
  readonly records?: readonly RecordError[];
}

interface RecordError {
  /** The record's index in its batch. */
  readonly index: number;
  readonly message: string;
}

/**
 * Checks a producer's batch: its header and, unless it is compressed, every record. Of a compressed batch only the first and the
 * newest timestamp are checked, which its header holds.
 * @param now milliseconds since 1970
 * @returns undefined when the batch is valid
 */
export function validateBatch(batch: Buffer, limits: LogLimits, now: number): BatchRejection | undefined {
  const error = validateFormat(batch, limits);
  if (error !== undefined) return { error };
  const records = findTimestampErrors(batch, limits, now);
  if (records.length === 0) return undefined;
  const message = 'One or more records have been rejected due to invalid timestamp';
  return { error: ErrorCode.INVALID_TIMESTAMP, message, records };
}

function validateFormat(batch: Buffer, limits: LogLimits): ErrorCode | undefined {
  if (batch.length < BATCH_HEADER_BYTES || !isBatchFormat(batch)) return ErrorCode.CORRUPT_MESSAGE;
  const header = readBatchHeader(batch);
  if (header.bytes !== batch.length || !hasValidChecksum(batch)) return ErrorCode.CORRUPT_MESSAGE;
  if (batch.length > limits.maxMessageBytes) return ErrorCode.MESSAGE_TOO_LARGE;
  const count = header.lastOffset - header.baseOffset + 1;
  if (count < 1 || count !== header.recordCount || header.control) return ErrorCode.INVALID_RECORD;
  if (header.transactional) return ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
  if (header.producerId >= 0 && (header.producerEpoch < 0 || header.firstSequence < 0)) {
    return ErrorCode.INVALID_RECORD;
  }
  return header.compressed ? undefined : validateRecords(batch, header, limits);
}

function validateRecords(batch: Buffer, header: BatchHeader, limits: LogLimits): ErrorCode | undefined {
  let count = 0;
  try {
    for (const record of readRecords(batch)) {
      if (record.offsetDelta !== count++) return ErrorCode.INVALID_RECORD;
      if (limits.requiresKeys && !record.hasKey) return ErrorCode.INVALID_RECORD;
    }
  } catch (error) {
    if (error instanceof MalformedRecordError) return ErrorCode.INVALID_RECORD;
    throw error;
  }
  return count === header.recordCount ? undefined : ErrorCode.INVALID_RECORD;
}

/** The timestamp of a record without one, which is allowed. */
const NO_TIMESTAMP = -1n;

/** The records whose timestamp is too far from the broker's time. */
function findTimestampErrors(batch: Buffer, limits: LogLimits, now: number): RecordError[] {
  const { compressed, logAppendTime } = readBatchHeader(batch);
  const [base, newest] = [batch.readBigInt64BE(27), batch.readBigInt64BE(35)];
  const times = compressed
    ? [base, newest]
    : [...readRecords(batch)].map(({ timestampDelta }) =>
        logAppendTime ? newest : toInt64(base + BigInt(timestampDelta)),
      );
  return times.flatMap((time, index) => {
    if (!isOutOfRange(time, limits, BigInt(now))) return [];
    const from = toInt64(BigInt(now) - limits.timestampBeforeMs);
    const to = BigInt(now) + limits.timestampAfterMs;
    return {
      index,
      message: `Timestamp ${time} of message ${index} is out of range. The timestamp should be within [${from}, ${to}]`,
    };
  });
}

/** With the overflow of Kafka's own arithmetic: a timestamp near the 64-bit minimum counts as one in the future. */
function isOutOfRange(
  time: bigint,
  { timestampBeforeMs, timestampAfterMs }: LogLimits,
  now: bigint,
): boolean {
  if (time === NO_TIMESTAMP) return false;
  const age = toInt64(now - time);
  return age > timestampBeforeMs || age < -timestampAfterMs;
}

const toInt64 = (value: bigint): bigint => BigInt.asIntN(64, value);
