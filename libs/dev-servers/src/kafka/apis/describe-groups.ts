import type { Groups } from '../groups/groups.js';
import type { Api } from '../protocol/api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { NOT_THROTTLED } from '../protocol/writer.js';
import type { CommittedOffsets } from '../storage/committed-offsets.js';
import { CONSUMER } from './list-groups.js';

const EMPTY = { state: 'Empty', protocolType: CONSUMER, protocol: '', members: [] };
const DEAD = { state: 'Dead', protocolType: '', protocol: '', members: [] };

export function describeGroups(groups: Groups, offsets: CommittedOffsets): Api {
  return {
    key: 15,
    versions: [0, 2],
    answer({ version, body }, reply) {
      const ids = [...new Set(body.array(() => body.string()))];
      if (version >= 1) reply.int32(NOT_THROTTLED);
      reply.array(ids, (id) => {
        const group = groups.find(id)?.describe() ?? (offsets.of(id).length > 0 ? EMPTY : DEAD);
        reply.int16(ErrorCode.NONE).string(id);
        reply.string(group.state).string(group.protocolType).string(group.protocol);
        reply.array(group.members, (member) => {
          reply.string(member.id).string(member.clientId).string(member.host);
          reply.bytes(member.metadata).bytes(member.assignment);
        });
      });
    },
  };
}
