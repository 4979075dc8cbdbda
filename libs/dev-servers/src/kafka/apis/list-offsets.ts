import type { Api } from '../protocol/api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { NOT_THROTTLED } from '../protocol/writer.js';
import type { PartitionLog } from '../storage/partition-log.js';
import type { Topics } from '../storage/topics.js';

const LATEST = -1;
const EARLIEST = -2;
const NONE = { offset: -1, timestamp: -1 };

/** The first or next offset of partitions, or their first at or after a time. */
export function listOffsets(topics: Topics): Api {
  return {
    key: 2,
    versions: [1, 3],
    answer({ version, body }, reply) {
      body.int32(); // the replica that asks: -1, a client
      if (version >= 2) body.int8(); // isolation, which is one without transactions
      const wanted = body.array(() => ({
        topic: body.string(),
        partitions: body.array(() => ({ partition: body.int32(), timestamp: body.int64() })),
      }));
      // A search by time reads a batch, so no request may ask for the same one again and again.
      const asked = new Set<PartitionLog>();
      if (version >= 2) reply.int32(NOT_THROTTLED);
      reply.array(wanted, ({ topic, partitions }) => {
        reply.string(topic).array(partitions, ({ partition, timestamp }) => {
          const log = topics.log(topic, partition);
          const error = !log
            ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
            : asked.has(log)
              ? ErrorCode.INVALID_REQUEST
              : ErrorCode.NONE;
          const found = log && error === ErrorCode.NONE ? find(log, timestamp) : NONE;
          if (log) asked.add(log);
          reply.int32(partition).int16(error).int64(found.timestamp).int64(found.offset);
        });
      });
    },
  };
}

function find(log: PartitionLog, timestamp: number) {
  if (timestamp === LATEST) return { ...NONE, offset: log.end };
  if (timestamp === EARLIEST) return { ...NONE, offset: log.start };
  return log.firstSince(timestamp) ?? NONE;
}
