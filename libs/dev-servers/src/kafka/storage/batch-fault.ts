import {
  BATCH_HEADER_BYTES,
  type BatchHeader,
  isBatchFormat,
  isIntact,
  readBatchHeader,
} from '../protocol/batch.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { MalformedRecord, walkRecords } from '../protocol/records.js';
import type { LogLimits } from './topic-config.js';

/**
 * Why a batch from a producer cannot be taken. The inside of a compressed batch is not looked into; of any other, every
 * record is.
 */
export function batchFault(batch: Buffer, limits: LogLimits): ErrorCode | undefined {
  if (batch.length < BATCH_HEADER_BYTES || !isBatchFormat(batch)) return ErrorCode.CORRUPT_MESSAGE;
  const header = readBatchHeader(batch);
  if (header.bytes !== batch.length || !isIntact(batch)) return ErrorCode.CORRUPT_MESSAGE;
  if (batch.length > limits.maxMessageBytes) return ErrorCode.MESSAGE_TOO_LARGE;
  const count = header.lastOffset - header.baseOffset + 1;
  if (count < 1 || count !== header.recordCount || header.control) return ErrorCode.INVALID_RECORD;
  if (header.transactional) return ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
  if (header.producerId >= 0 && (header.producerEpoch < 0 || header.firstSequence < 0)) {
    return ErrorCode.INVALID_RECORD;
  }
  return header.compressed ? undefined : recordsFault(batch, header, limits);
}

function recordsFault(batch: Buffer, header: BatchHeader, limits: LogLimits): ErrorCode | undefined {
  let found = 0;
  try {
    for (const record of walkRecords(batch)) {
      if (record.offsetDelta !== found++) return ErrorCode.INVALID_RECORD;
      if (limits.requiresKeys && !record.hasKey) return ErrorCode.INVALID_RECORD;
    }
  } catch (error) {
    if (error instanceof MalformedRecord) return ErrorCode.INVALID_RECORD;
    throw error;
  }
  return found === header.recordCount ? undefined : ErrorCode.INVALID_RECORD;
}
