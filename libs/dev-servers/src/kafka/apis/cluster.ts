import type { Api } from '../protocol/api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { NOT_THROTTLED } from '../protocol/primitives.js';
import { missingTopicError, type Topics } from '../storage/topics.js';

/** The only node of the cluster: leader of every partition, coordinator of every group. */
export interface Node {
  readonly id: number;
  readonly host: string;
  readonly port: number;
  readonly clusterId: string;
}

/** The node, and the partitions of topics. A missing topic is never created, even if the client allows it. */
export function metadata(node: Node, topics: Topics): Api {
  return {
    key: 3,
    versions: [0, 6],
    handle({ version, body }, response) {
      const requested = body.nullableArray(() => body.string());
      const isAll = requested === null || (version === 0 && requested.length === 0);
      const names = isAll ? topics.all().map(({ name }) => name) : [...new Set(requested)];
      if (version >= 3) response.int32(NOT_THROTTLED);
      response.array([node], ({ id, host, port }) => {
        response.int32(id).string(host).int32(port);
        if (version >= 1) response.string(null);
      });
      if (version >= 2) response.string(node.clusterId);
      if (version >= 1) response.int32(node.id);
      response.array(names, (name) => {
        const topic = topics.get(name);
        response.int16(topic ? ErrorCode.NONE : missingTopicError(name)).string(name);
        if (version >= 1) response.boolean(false);
        response.array([...(topic?.partitions.keys() ?? [])], (partition) => {
          response.int16(ErrorCode.NONE).int32(partition).int32(node.id);
          response.array([node.id], (replica) => response.int32(replica));
          response.array([node.id], (inSync) => response.int32(inSync));
          if (version >= 5) response.array([], () => undefined);
        });
      });
    },
  };
}

/**
 * The node, for groups and transactions alike. Transactions are rejected later, by InitProducerId: a client that gets an error here
 * reports that it cannot find the coordinator and hides the reason.
 */
export function findCoordinator(node: Node): Api {
  return {
    key: 10,
    versions: [0, 2],
    handle({ version, body }, response) {
      body.string(); // group id or transactional id
      if (version >= 1) body.int8(); // the type of the id
      if (version >= 1) response.int32(NOT_THROTTLED);
      response.int16(ErrorCode.NONE);
      if (version >= 1) response.string(null);
      response.int32(node.id).string(node.host).int32(node.port);
    },
  };
}
