import type { Groups } from '../groups/groups.js';
import { refusedSync } from '../groups/member.js';
import type { Api } from '../protocol/api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { NOT_THROTTLED } from '../protocol/writer.js';

export function syncGroup(groups: Groups): Api {
  return {
    key: 14,
    versions: [0, 3],
    async answer({ version, body, peer }, reply) {
      const groupId = body.string();
      const generation = body.int32();
      const memberId = body.string();
      if (version >= 3) body.nullableString(); // its static instance
      // Copied, because they outlive the frame.
      const assignments = new Map(body.array(() => [body.string(), Buffer.from(body.bytes())] as const));
      const group = groups.find(groupId);
      const { error, assignment } = group
        ? await group.sync(memberId, generation, assignments, peer)
        : refusedSync(ErrorCode.UNKNOWN_MEMBER_ID);
      if (version >= 1) reply.int32(NOT_THROTTLED);
      reply.int16(error).bytes(assignment);
    },
  };
}
