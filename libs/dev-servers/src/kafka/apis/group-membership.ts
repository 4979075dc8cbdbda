import type { Groups } from '../groups/groups.js';
import { joinError, type JoinRequest, syncError } from '../groups/member.js';
import type { Api, Request } from '../protocol/api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { NOT_THROTTLED } from '../protocol/primitives.js';

export function joinGroup(groups: Groups): Api {
  return {
    key: 11,
    versions: [0, 5],
    async handle(request, response) {
      const { version, peer } = request;
      const { groupId, join } = readJoin(request);
      const result =
        groupId === ''
          ? joinError(ErrorCode.INVALID_GROUP_ID, join.memberId)
          : await groups.findOrCreate(groupId).join(join, peer);
      if (version >= 2) response.int32(NOT_THROTTLED);
      response.int16(result.error).int32(result.generation).string(result.protocol);
      response.string(result.leader).string(result.memberId);
      response.array(result.members, ({ id, instanceId, metadata }) => {
        response.string(id);
        if (version >= 5) response.string(instanceId);
        response.bytes(metadata);
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
  // Copied, because the member keeps them longer than the request.
  const protocols = body.array(() => ({ name: body.string(), metadata: Buffer.from(body.bytes()) }));
  const requiresKnownMemberId = version >= 4;
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
      requiresKnownMemberId,
    },
  };
}

export function syncGroup(groups: Groups): Api {
  return {
    key: 14,
    versions: [0, 3],
    async handle({ version, body, peer }, response) {
      const groupId = body.string();
      const generation = body.int32();
      const memberId = body.string();
      if (version >= 3) body.nullableString(); // group instance id
      // Copied, because the member keeps them longer than the request.
      const assignments = new Map(body.array(() => [body.string(), Buffer.from(body.bytes())] as const));
      const group = groups.find(groupId);
      const { error, assignment } = group
        ? await group.sync(memberId, generation, assignments, peer)
        : syncError(ErrorCode.UNKNOWN_MEMBER_ID);
      if (version >= 1) response.int32(NOT_THROTTLED);
      response.int16(error).bytes(assignment);
    },
  };
}

export function heartbeat(groups: Groups): Api {
  return {
    key: 12,
    versions: [0, 3],
    handle({ version, body }, response) {
      const group = groups.find(body.string());
      const generation = body.int32();
      const memberId = body.string();
      if (version >= 1) response.int32(NOT_THROTTLED);
      response.int16(group?.heartbeat(memberId, generation) ?? ErrorCode.UNKNOWN_MEMBER_ID);
    },
  };
}

/** Since version 3 a request can remove several members; the response has an error code for each. */
export function leaveGroup(groups: Groups): Api {
  return {
    key: 13,
    versions: [0, 3],
    handle({ version, body }, response) {
      const groupId = body.string();
      const leaving =
        version >= 3
          ? body.array(() => ({ memberId: body.string(), instanceId: body.nullableString() }))
          : [{ memberId: body.string(), instanceId: null }];
      const left = leaving.map((member) => ({
        ...member,
        error: groups.find(groupId)?.leave(member.memberId, member.instanceId) ?? ErrorCode.UNKNOWN_MEMBER_ID,
      }));
      if (version >= 1) response.int32(NOT_THROTTLED);
      response.int16(version >= 3 ? ErrorCode.NONE : left[0]!.error);
      if (version >= 3) {
        response.array(left, ({ memberId, instanceId, error }) =>
          response.string(memberId).string(instanceId).int16(error),
        );
      }
    },
  };
}
