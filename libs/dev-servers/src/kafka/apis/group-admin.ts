import type { Groups } from '../groups/groups.js';
import type { Api } from '../protocol/api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { NOT_THROTTLED } from '../protocol/primitives.js';
import type { CommittedOffsets } from '../storage/committed-offsets.js';

/** The protocol type of consumers. Groups without members are reported with it, because theirs is not stored. */
const CONSUMER = 'consumer';

export function listGroups(groups: Groups, offsets: CommittedOffsets): Api {
  return {
    key: 16,
    versions: [0, 2],
    handle({ version }, response) {
      if (version >= 1) response.int32(NOT_THROTTLED);
      response.int16(ErrorCode.NONE);
      response.array([...new Set([...groups.ids(), ...offsets.groupIds()])], (id) => {
        response.string(id).string(groups.find(id)?.describe().protocolType || CONSUMER);
      });
    },
  };
}

const EMPTY = { state: 'Empty', protocolType: CONSUMER, protocol: '', members: [] };
const DEAD = { state: 'Dead', protocolType: '', protocol: '', members: [] };

export function describeGroups(groups: Groups, offsets: CommittedOffsets): Api {
  return {
    key: 15,
    versions: [0, 2],
    handle({ version, body }, response) {
      const ids = [...new Set(body.array(() => body.string()))];
      if (version >= 1) response.int32(NOT_THROTTLED);
      response.array(ids, (id) => {
        const group = groups.find(id)?.describe() ?? (offsets.ofGroup(id).length > 0 ? EMPTY : DEAD);
        response.int16(ErrorCode.NONE).string(id);
        response.string(group.state).string(group.protocolType).string(group.protocol);
        response.array(group.members, (member) => {
          response.string(member.id).string(member.clientId).string(member.host);
          response.bytes(member.metadata).bytes(member.assignment);
        });
      });
    },
  };
}

/** Deletes the committed offsets of groups. A group with members is not deleted. */
export function deleteGroups(groups: Groups, offsets: CommittedOffsets): Api {
  return {
    key: 42,
    versions: [0, 1],
    handle({ body }, response) {
      const ids = body.array(() => body.string());
      response.int32(NOT_THROTTLED);
      response.array(ids, (id) => {
        const error = checkDeletable(id);
        if (error === ErrorCode.NONE) offsets.deleteGroup(id);
        response.string(id).int16(error);
      });
    },
  };

  function checkDeletable(id: string): ErrorCode {
    if (groups.find(id)) return ErrorCode.NON_EMPTY_GROUP;
    return offsets.ofGroup(id).length > 0 ? ErrorCode.NONE : ErrorCode.GROUP_ID_NOT_FOUND;
  }
}
