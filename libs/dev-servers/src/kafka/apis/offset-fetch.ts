import type { Api } from '../protocol/api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { NOT_THROTTLED } from '../protocol/writer.js';
import type { CommittedOffsets } from '../storage/committed-offsets.js';

const NEVER_COMMITTED = { offset: -1, metadata: '' };

/** What a group has committed; without a list of topics, all of it. */
export function offsetFetch(offsets: CommittedOffsets): Api {
  return {
    key: 9,
    versions: [1, 4],
    answer({ version, body }, reply) {
      const groupId = body.string();
      const wanted =
        body.nullableArray(() => ({
          topic: body.string(),
          partitions: body.array(() => body.int32()),
        })) ?? everything(groupId);
      if (version >= 3) reply.int32(NOT_THROTTLED);
      reply.array(wanted, ({ topic, partitions }) => {
        reply.string(topic).array(partitions, (partition) => {
          const { offset, metadata } = offsets.get(groupId, topic, partition) ?? NEVER_COMMITTED;
          reply.int32(partition).int64(offset).string(metadata).int16(ErrorCode.NONE);
        });
      });
      if (version >= 2) reply.int16(ErrorCode.NONE);
    },
  };

  function everything(groupId: string) {
    const byTopic = Map.groupBy(offsets.of(groupId), ({ topic }) => topic);
    return [...byTopic].map(([topic, rows]) => ({
      topic,
      partitions: rows.map(({ partition }) => partition),
    }));
  }
}
