import type { Api } from '../protocol/api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { NOT_THROTTLED } from '../protocol/writer.js';
import type { Node } from './node.js';

/**
 * The node, for whatever is to be coordinated. Transactions are refused one step later, at InitProducerId: clients take
 * a refusal here for a coordinator that they have not found, and do not tell the reason.
 */
export function findCoordinator(node: Node): Api {
  return {
    key: 10,
    versions: [0, 2],
    answer({ version, body }, reply) {
      body.string(); // the group, or the transactional id
      if (version >= 1) body.int8(); // which of the two
      if (version >= 1) reply.int32(NOT_THROTTLED);
      reply.int16(ErrorCode.NONE);
      if (version >= 1) reply.string(null);
      reply.int32(node.id).string(node.host).int32(node.port);
    },
  };
}
