import type { Groups } from '../groups/groups.js';
import type { Api } from '../protocol/api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { NOT_THROTTLED } from '../protocol/writer.js';
import type { CommittedOffsets } from '../storage/committed-offsets.js';

/** The protocol type of consumers; what a group without members had is not kept. */
export const CONSUMER = 'consumer';

export function listGroups(groups: Groups, offsets: CommittedOffsets): Api {
  return {
    key: 16,
    versions: [0, 2],
    answer({ version }, reply) {
      if (version >= 1) reply.int32(NOT_THROTTLED);
      reply.int16(ErrorCode.NONE);
      reply.array([...new Set([...groups.ids(), ...offsets.groupIds()])], (id) => {
        reply.string(id).string(groups.find(id)?.describe().protocolType || CONSUMER);
      });
    },
  };
}
