import type { Groups } from '../groups/groups.js';
import type { Api } from '../protocol/api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { NOT_THROTTLED } from '../protocol/writer.js';
import type { CommittedOffsets } from '../storage/committed-offsets.js';

/** Forgets what groups have committed. A group with members stays. */
export function deleteGroups(groups: Groups, offsets: CommittedOffsets): Api {
  return {
    key: 42,
    versions: [0, 1],
    answer({ body }, reply) {
      const ids = body.array(() => body.string());
      reply.int32(NOT_THROTTLED);
      reply.array(ids, (id) => {
        const error = faultOf(id);
        if (error === ErrorCode.NONE) offsets.forgetGroup(id);
        reply.string(id).int16(error);
      });
    },
  };

  function faultOf(id: string): ErrorCode {
    if (groups.find(id)) return ErrorCode.NON_EMPTY_GROUP;
    return offsets.of(id).length > 0 ? ErrorCode.NONE : ErrorCode.GROUP_ID_NOT_FOUND;
  }
}
