import type { Groups } from '../groups/groups.js';
import type { Api } from '../protocol/api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { NOT_THROTTLED } from '../protocol/writer.js';

/** Since version 3 several members can be taken out at once, each with an answer of its own. */
export function leaveGroup(groups: Groups): Api {
  return {
    key: 13,
    versions: [0, 3],
    answer({ version, body }, reply) {
      const groupId = body.string();
      const leaving =
        version >= 3
          ? body.array(() => ({ memberId: body.string(), instanceId: body.nullableString() }))
          : [{ memberId: body.string(), instanceId: null }];
      const left = leaving.map((member) => ({
        ...member,
        error: groups.find(groupId)?.leave(member.memberId, member.instanceId) ?? ErrorCode.UNKNOWN_MEMBER_ID,
      }));
      if (version >= 1) reply.int32(NOT_THROTTLED);
      reply.int16(version >= 3 ? ErrorCode.NONE : left[0]!.error);
      if (version >= 3) {
        reply.array(left, ({ memberId, instanceId, error }) =>
          reply.string(memberId).string(instanceId).int16(error),
        );
      }
    },
  };
}
