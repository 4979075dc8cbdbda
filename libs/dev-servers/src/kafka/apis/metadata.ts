import type { Api } from '../protocol/api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { NOT_THROTTLED } from '../protocol/writer.js';
import type { Topics } from '../storage/topics.js';
import type { Node } from './node.js';
import { missingTopicError } from './topic-names.js';

/** Where everything is. A topic that is asked for and missing is never made, whatever the client allows. */
export function metadata(node: Node, topics: Topics): Api {
  return {
    key: 3,
    versions: [0, 6],
    answer({ version, body }, reply) {
      const asked = body.nullableArray(() => body.string());
      const isAll = asked === null || (version === 0 && asked.length === 0);
      const names = isAll ? topics.all().map(({ name }) => name) : [...new Set(asked)];
      if (version >= 3) reply.int32(NOT_THROTTLED);
      reply.array([node], ({ id, host, port }) => {
        reply.int32(id).string(host).int32(port);
        if (version >= 1) reply.string(null);
      });
      if (version >= 2) reply.string(node.clusterId);
      if (version >= 1) reply.int32(node.id);
      reply.array(names, (name) => {
        const topic = topics.get(name);
        reply.int16(topic ? ErrorCode.NONE : missingTopicError(name)).string(name);
        if (version >= 1) reply.boolean(false);
        reply.array([...(topic?.partitions.keys() ?? [])], (partition) => {
          reply.int16(ErrorCode.NONE).int32(partition).int32(node.id);
          reply.array([node.id], (replica) => reply.int32(replica));
          reply.array([node.id], (inSync) => reply.int32(inSync));
          if (version >= 5) reply.array([], () => undefined);
        });
      });
    },
  };
}
