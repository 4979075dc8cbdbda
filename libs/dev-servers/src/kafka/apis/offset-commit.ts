import type { Groups } from '../groups/groups.js';
import type { Api } from '../protocol/api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { NOT_THROTTLED } from '../protocol/writer.js';
import type { CommittedOffset, CommittedOffsets } from '../storage/committed-offsets.js';
import type { Topics } from '../storage/topics.js';

/** Kafka's default (offset.metadata.max.bytes). */
const MAX_METADATA_BYTES = 4_096;

export function offsetCommit(groups: Groups, topics: Topics, offsets: CommittedOffsets): Api {
  return {
    key: 8,
    versions: [2, 5],
    answer({ version, body }, reply) {
      const groupId = body.string();
      const generation = body.int32();
      const memberId = body.string();
      if (version <= 4) body.int64(); // how long to keep them
      const wanted = body.array(() => {
        const topic = body.string();
        const rows = body.array(() => ({
          topic,
          partition: body.int32(),
          offset: body.int64(),
          metadata: body.nullableString() ?? '',
        }));
        return { topic, rows };
      });
      const refusal = refusalTo(groupId, memberId, generation);
      const errorOf = (row: CommittedOffset) => refusal ?? faultOf(row);
      offsets.commit(
        groupId,
        wanted.flatMap(({ rows }) => rows).filter((row) => errorOf(row) === ErrorCode.NONE),
      );
      if (version >= 3) reply.int32(NOT_THROTTLED);
      reply.array(wanted, ({ topic, rows }) => {
        reply.string(topic).array(rows, (row) => reply.int32(row.partition).int16(errorOf(row)));
      });
    },
  };

  function refusalTo(groupId: string, memberId: string, generation: number): ErrorCode | undefined {
    if (groupId === '') return ErrorCode.INVALID_GROUP_ID;
    const group = groups.find(groupId);
    if (group) return group.refusalToCommit(memberId, generation);
    // A tool names no generation; anyone else was a member before the group was lost.
    return generation < 0 ? undefined : ErrorCode.ILLEGAL_GENERATION;
  }

  function faultOf({ topic, partition, metadata }: CommittedOffset): ErrorCode {
    if (!topics.log(topic, partition)) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
    return Buffer.byteLength(metadata) > MAX_METADATA_BYTES
      ? ErrorCode.OFFSET_METADATA_TOO_LARGE
      : ErrorCode.NONE;
  }
}
