import type { Api } from '../protocol/api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { NOT_THROTTLED } from '../protocol/primitives.js';
import type { PartitionLog } from '../storage/partition-log.js';
import type { Topics } from '../storage/topics.js';

const LATEST = -1;
const EARLIEST = -2;
const NONE = { offset: -1, timestamp: -1 };

/** The first or the next offset of partitions, or their first offset at or after a timestamp. */
export function listOffsets(topics: Topics): Api {
  return {
    key: 2,
    versions: [1, 3],
    handle({ version, body }, response) {
      body.int32(); // replica id, -1 for a client
      if (version >= 2) body.int8(); // isolation level, without effect when there are no transactions
      const requested = body.array(() => ({
        topic: body.string(),
        partitions: body.array(() => ({ partition: body.int32(), timestamp: body.int64() })),
      }));
      // A search by timestamp reads a batch from disk, so a request may name each partition once only.
      const searched = new Set<PartitionLog>();
      if (version >= 2) response.int32(NOT_THROTTLED);
      response.array(requested, ({ topic, partitions }) => {
        response.string(topic).array(partitions, ({ partition, timestamp }) => {
          const log = topics.log(topic, partition);
          const error = !log
            ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
            : searched.has(log)
              ? ErrorCode.INVALID_REQUEST
              : ErrorCode.NONE;
          const found = log && error === ErrorCode.NONE ? findOffset(log, timestamp) : NONE;
          if (log) searched.add(log);
          response.int32(partition).int16(error).int64(found.timestamp).int64(found.offset);
        });
      });
    },
  };
}

function findOffset(log: PartitionLog, timestamp: number) {
  if (timestamp === LATEST) return { ...NONE, offset: log.endOffset };
  if (timestamp === EARLIEST) return { ...NONE, offset: log.startOffset };
  return log.findByTimestamp(timestamp) ?? NONE;
}
