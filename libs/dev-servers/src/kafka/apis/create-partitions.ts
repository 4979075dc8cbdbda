import type { Api } from '../protocol/api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { NOT_THROTTLED } from '../protocol/writer.js';
import type { Topics } from '../storage/topics.js';

export function createPartitions(topics: Topics): Api {
  return {
    key: 37,
    versions: [0, 1],
    answer({ body }, reply) {
      const wanted = body.array(() => {
        const topic = { name: body.string(), total: body.int32() };
        body.nullableArray(() => body.array(() => body.int32())); // where replicas should be
        return topic;
      });
      body.int32(); // how long the client would wait
      const validateOnly = body.boolean();
      reply.int32(NOT_THROTTLED);
      reply.array(wanted, ({ name, total }) => {
        const [error, message] = faultOf(total, topics.get(name)?.partitions.length, topics.room);
        if (error === ErrorCode.NONE && !validateOnly) topics.addPartitions(name, total);
        reply.string(name).int16(error).string(message);
      });
    },
  };
}

function faultOf(total: number, present: number | undefined, room: number): [ErrorCode, string | null] {
  if (present === undefined) return [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, null];
  if (total <= present || total > present + room) {
    return [
      ErrorCode.INVALID_PARTITIONS,
      `The topic has ${present} partitions, and there is room for ${room} more.`,
    ];
  }
  return [ErrorCode.NONE, null];
}
