import type { Api } from '../protocol/api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { NOT_THROTTLED } from '../protocol/writer.js';
import type { PartitionLog } from '../storage/partition-log.js';
import type { Topics } from '../storage/topics.js';

const UP_TO_THE_END = -1;

export function deleteRecords(topics: Topics): Api {
  return {
    key: 21,
    versions: [0, 1],
    answer({ body }, reply) {
      const wanted = body.array(() => ({
        topic: body.string(),
        partitions: body.array(() => ({ partition: body.int32(), below: body.int64() })),
      }));
      reply.int32(NOT_THROTTLED);
      reply.array(wanted, ({ topic, partitions }) => {
        reply.string(topic).array(partitions, ({ partition, below }) => {
          const log = topics.log(topic, partition);
          const offset = below === UP_TO_THE_END ? log?.end : below;
          const error = faultOf(log, offset);
          if (error === ErrorCode.NONE) topics.deleteRecords(topic, partition, offset!);
          reply
            .int32(partition)
            .int64(log?.start ?? -1)
            .int16(error);
        });
      });
    },
  };
}

function faultOf(log: PartitionLog | undefined, offset = -1): ErrorCode {
  if (!log) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
  return offset < 0 || offset > log.end ? ErrorCode.OFFSET_OUT_OF_RANGE : ErrorCode.NONE;
}
