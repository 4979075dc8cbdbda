import type { Groups } from '../groups/groups.js';
import type { Api } from '../protocol/api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { NOT_THROTTLED } from '../protocol/writer.js';

export function heartbeat(groups: Groups): Api {
  return {
    key: 12,
    versions: [0, 3],
    answer({ version, body }, reply) {
      const group = groups.find(body.string());
      const generation = body.int32();
      const memberId = body.string();
      if (version >= 1) reply.int32(NOT_THROTTLED);
      reply.int16(group?.heartbeat(memberId, generation) ?? ErrorCode.UNKNOWN_MEMBER_ID);
    },
  };
}
