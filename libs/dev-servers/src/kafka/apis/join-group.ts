import type { Groups } from '../groups/groups.js';
import { type JoinRequest, refusedJoin } from '../groups/member.js';
import type { Api, Request } from '../protocol/api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { NOT_THROTTLED } from '../protocol/writer.js';

export function joinGroup(groups: Groups): Api {
  return {
    key: 11,
    versions: [0, 5],
    async answer(request, reply) {
      const { version, peer } = request;
      const { groupId, join } = readJoin(request);
      const outcome =
        groupId === ''
          ? refusedJoin(ErrorCode.INVALID_GROUP_ID, join.memberId)
          : await groups.open(groupId).join(join, peer);
      if (version >= 2) reply.int32(NOT_THROTTLED);
      reply.int16(outcome.error).int32(outcome.generation).string(outcome.protocol);
      reply.string(outcome.leader).string(outcome.memberId);
      reply.array(outcome.members, ({ id, instanceId, metadata }) => {
        reply.string(id);
        if (version >= 5) reply.string(instanceId);
        reply.bytes(metadata);
      });
    },
  };
}

function readJoin({ version, body, clientId }: Request): { groupId: string; join: JoinRequest } {
  const groupId = body.string();
  const sessionTimeoutMs = body.int32();
  const rebalanceTimeoutMs = version >= 1 ? body.int32() : sessionTimeoutMs;
  const memberId = body.string();
  const instanceId = version >= 5 ? body.nullableString() : null;
  const protocolType = body.string();
  // Copied, because they outlive the frame.
  const protocols = body.array(() => ({ name: body.string(), metadata: Buffer.from(body.bytes()) }));
  const mustReturn = version >= 4;
  return {
    groupId,
    join: {
      memberId,
      instanceId,
      clientId,
      sessionTimeoutMs,
      rebalanceTimeoutMs,
      protocolType,
      protocols,
      mustReturn,
    },
  };
}
