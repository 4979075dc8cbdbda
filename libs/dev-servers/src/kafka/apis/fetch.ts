import type { Api } from '../protocol/api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { NOT_THROTTLED, type Writer } from '../protocol/writer.js';
import type { PartitionLog } from '../storage/partition-log.js';
import type { Span } from '../storage/segment.js';
import type { Topics } from '../storage/topics.js';
import { type FetchRequest, readFetch } from './fetch-request.js';

interface Planned {
  readonly partition: number;
  readonly error: ErrorCode;
  readonly log?: PartitionLog;
  readonly span?: Span | undefined;
}

interface Plan {
  readonly topics: readonly { topic: string; partitions: Planned[] }[];
  readonly logs: PartitionLog[];
  readonly bytes: number;
  readonly hasError: boolean;
}

const NO_SESSION = 0;
const NO_PREFERRED_REPLICA = -1;
const UNKNOWN = -1;
const NO_RECORDS = Buffer.alloc(0);

/** Reads records, or waits for them (long poll). Fetch sessions (KIP-227) are not kept: each answer is whole. */
export function fetch(topics: Topics): Api {
  return {
    key: 1,
    versions: [4, 11],
    async answer({ version, body, peer }, reply) {
      const request = readFetch(version, body);
      const deadline = Date.now() + request.maxWaitMs;
      let planned = plan(request, topics);
      while (planned.bytes < request.minBytes && !planned.hasError && !peer.closed.aborted) {
        const left = deadline - Date.now();
        if (left <= 0) break;
        await changeIn(planned.logs, left, peer.closed);
        planned = plan(request, topics);
      }
      if (!peer.closed.aborted) write(version, planned, request.isolation, reply);
    },
  };
}

/** What can be given now. As in Kafka, only the first batch of all may be larger than the client's limits. */
function plan(request: FetchRequest, topics: Topics): Plan {
  let bytes = 0;
  let hasError = false;
  const logs: PartitionLog[] = [];
  const planOne = (
    topic: string,
    { partition, offset, maxBytes }: FetchRequest['topics'][0]['partitions'][0],
  ) => {
    const log = topics.log(topic, partition);
    if (!log || offset < log.start || offset > log.end) {
      hasError = true;
      const error = log ? ErrorCode.OFFSET_OUT_OF_RANGE : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
      return { partition, error, ...(log && { log }) };
    }
    logs.push(log);
    const span = log.span(offset, Math.min(maxBytes, request.maxBytes - bytes), bytes === 0);
    if (span) bytes += span.to - span.from;
    return { partition, error: ErrorCode.NONE, log, span };
  };
  const planned = request.topics.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map((wanted) => planOne(topic, wanted)),
  }));
  return { topics: planned, logs, bytes, hasError };
}

/** Settles when one of the logs changes, the time is over or the client is gone. */
async function changeIn(logs: readonly PartitionLog[], ms: number, closed: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const wake = () => resolve();
  const timer = setTimeout(wake, ms);
  closed.addEventListener('abort', wake);
  for (const { watchers } of logs) watchers.add(wake);
  await promise;
  for (const { watchers } of logs) watchers.delete(wake);
  closed.removeEventListener('abort', wake);
  clearTimeout(timer);
}

function write(version: number, plan: Plan, isolation: FetchRequest['isolation'], reply: Writer): void {
  reply.int32(NOT_THROTTLED);
  if (version >= 7) reply.int16(ErrorCode.NONE).int32(NO_SESSION);
  reply.array(plan.topics, ({ topic, partitions }) => {
    reply.string(topic).array(partitions, ({ partition, error, log, span }) => {
      const end = log?.end ?? UNKNOWN;
      // Without transactions the last stable offset is the end, and nothing is ever aborted.
      reply.int32(partition).int16(error).int64(end).int64(end);
      if (version >= 5) reply.int64(log?.start ?? UNKNOWN);
      reply.int32(isolation === 'committed' ? 0 : -1);
      if (version >= 11) reply.int32(NO_PREFERRED_REPLICA);
      reply.bytesByReference(span ? span.segment.read(span) : NO_RECORDS);
    });
  });
}
