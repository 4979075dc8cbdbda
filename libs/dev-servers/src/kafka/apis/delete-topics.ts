import type { Api } from '../protocol/api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { NOT_THROTTLED } from '../protocol/writer.js';
import type { CommittedOffsets } from '../storage/committed-offsets.js';
import type { Topics } from '../storage/topics.js';

export function deleteTopics(topics: Topics, offsets: CommittedOffsets): Api {
  return {
    key: 20,
    versions: [1, 1],
    answer({ body }, reply) {
      const names = body.array(() => body.string());
      reply.int32(NOT_THROTTLED);
      reply.array(names, (name) => {
        const isThere = topics.get(name) !== undefined;
        if (isThere) {
          topics.delete(name);
          offsets.forgetTopic(name);
        }
        reply.string(name).int16(isThere ? ErrorCode.NONE : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
      });
    },
  };
}
