import type { Groups } from '../groups/groups.js';
import type { Api } from '../protocol/api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { NOT_THROTTLED } from '../protocol/primitives.js';
import type { CommittedOffset, CommittedOffsets } from '../storage/committed-offsets.js';
import type { Topics } from '../storage/topics.js';

/** Kafka's default (offset.metadata.max.bytes). */
const MAX_METADATA_BYTES = 4_096;

export function offsetCommit(groups: Groups, topics: Topics, offsets: CommittedOffsets): Api {
  return {
    key: 8,
    versions: [2, 5],
    handle({ version, body }, response) {
      const groupId = body.string();
      const generation = body.int32();
      const memberId = body.string();
      if (version <= 4) body.int64(); // retention time
      const requested = body.array(() => {
        const topic = body.string();
        const rows = body.array(() => ({
          topic,
          partition: body.int32(),
          offset: body.int64(),
          metadata: body.nullableString() ?? '',
        }));
        return { topic, rows };
      });
      const groupError = validateMember(groupId, memberId, generation);
      const errorOf = (row: CommittedOffset) => groupError ?? validateRow(row);
      offsets.commit(
        groupId,
        requested.flatMap(({ rows }) => rows).filter((row) => errorOf(row) === ErrorCode.NONE),
      );
      if (version >= 3) response.int32(NOT_THROTTLED);
      response.array(requested, ({ topic, rows }) => {
        response.string(topic).array(rows, (row) => response.int32(row.partition).int16(errorOf(row)));
      });
    },
  };

  function validateMember(groupId: string, memberId: string, generation: number): ErrorCode | undefined {
    if (groupId === '') return ErrorCode.INVALID_GROUP_ID;
    const group = groups.find(groupId);
    if (group) return group.validateCommit(memberId, generation);
    // Without a generation the caller is a tool. With one it was a member before the broker restarted and lost the group.
    return generation < 0 ? undefined : ErrorCode.ILLEGAL_GENERATION;
  }

  function validateRow({ topic, partition, metadata }: CommittedOffset): ErrorCode {
    if (!topics.log(topic, partition)) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
    return Buffer.byteLength(metadata) > MAX_METADATA_BYTES
      ? ErrorCode.OFFSET_METADATA_TOO_LARGE
      : ErrorCode.NONE;
  }
}

const NEVER_COMMITTED = { offset: -1, metadata: '' };

/** The committed offsets of a group: of the requested topics, or of all topics when the request has no list. */
export function offsetFetch(offsets: CommittedOffsets): Api {
  return {
    key: 9,
    versions: [1, 4],
    handle({ version, body }, response) {
      const groupId = body.string();
      const requested =
        body.nullableArray(() => ({
          topic: body.string(),
          partitions: body.array(() => body.int32()),
        })) ?? allCommitted(groupId);
      if (version >= 3) response.int32(NOT_THROTTLED);
      response.array(requested, ({ topic, partitions }) => {
        response.string(topic).array(partitions, (partition) => {
          const { offset, metadata } = offsets.get(groupId, topic, partition) ?? NEVER_COMMITTED;
          response.int32(partition).int64(offset).string(metadata).int16(ErrorCode.NONE);
        });
      });
      if (version >= 2) response.int16(ErrorCode.NONE);
    },
  };

  function allCommitted(groupId: string) {
    const byTopic = Map.groupBy(offsets.ofGroup(groupId), ({ topic }) => topic);
    return [...byTopic].map(([topic, rows]) => ({
      topic,
      partitions: rows.map(({ partition }) => partition),
    }));
  }
}
