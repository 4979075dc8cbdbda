import type { Api } from '../protocol/api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { NOT_THROTTLED, type Reader, type Writer } from '../protocol/primitives.js';
import type { PartitionLog } from '../storage/partition-log.js';
import type { ByteRange } from '../storage/segment.js';
import type { Topics } from '../storage/topics.js';

interface PlannedPartition {
  readonly partition: number;
  readonly error: ErrorCode;
  readonly log?: PartitionLog;
  readonly range?: ByteRange | undefined;
}

interface FetchPlan {
  readonly topics: readonly { topic: string; partitions: PlannedPartition[] }[];
  readonly logs: PartitionLog[];
  readonly bytes: number;
  readonly hasError: boolean;
}

const NO_SESSION = 0;
const NO_PREFERRED_REPLICA = -1;
const UNKNOWN = -1;
const NO_RECORDS = Buffer.alloc(0);

/** Reads records, or waits for them (long poll). Without fetch sessions (KIP-227): each response covers all partitions. */
export function fetch(topics: Topics): Api {
  return {
    key: 1,
    versions: [4, 11],
    async handle({ version, body, peer }, response) {
      const request = readFetch(version, body);
      const deadline = Date.now() + request.maxWaitMs;
      let plan = planFetch(request, topics);
      while (plan.bytes < request.minBytes && !plan.hasError && !peer.closed.aborted) {
        const left = deadline - Date.now();
        if (left <= 0) break;
        await waitForChange(plan.logs, left, peer.closed);
        plan = planFetch(request, topics);
      }
      if (!peer.closed.aborted) writeRecords(version, plan, request.isolation, response);
    },
  };
}

/** Selects the batches to send now. As in Kafka, only the first batch of a response may exceed the client's limits. */
function planFetch(request: FetchRequest, topics: Topics): FetchPlan {
  let bytes = 0;
  let hasError = false;
  const logs: PartitionLog[] = [];
  const planPartition = (
    topic: string,
    { partition, offset, maxBytes }: FetchRequest['topics'][0]['partitions'][0],
  ) => {
    const log = topics.log(topic, partition);
    if (!log || offset < log.startOffset || offset > log.endOffset) {
      hasError = true;
      const error = log ? ErrorCode.OFFSET_OUT_OF_RANGE : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
      return { partition, error, ...(log && { log }) };
    }
    logs.push(log);
    const range = log.findRange(offset, Math.min(maxBytes, request.maxBytes - bytes), bytes === 0);
    if (range) bytes += range.to - range.from;
    return { partition, error: ErrorCode.NONE, log, range };
  };
  const planned = request.topics.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map((partition) => planPartition(topic, partition)),
  }));
  return { topics: planned, logs, bytes, hasError };
}

/** Settles when one of the logs changes, the time is over or the client has disconnected. */
async function waitForChange(logs: readonly PartitionLog[], ms: number, closed: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const wake = () => resolve();
  const timer = setTimeout(wake, ms);
  closed.addEventListener('abort', wake);
  for (const { listeners } of logs) listeners.add(wake);
  await promise;
  for (const { listeners } of logs) listeners.delete(wake);
  closed.removeEventListener('abort', wake);
  clearTimeout(timer);
}

function writeRecords(
  version: number,
  plan: FetchPlan,
  isolation: FetchRequest['isolation'],
  response: Writer,
): void {
  response.int32(NOT_THROTTLED);
  if (version >= 7) response.int16(ErrorCode.NONE).int32(NO_SESSION);
  response.array(plan.topics, ({ topic, partitions }) => {
    response.string(topic).array(partitions, ({ partition, error, log, range }) => {
      const end = log?.endOffset ?? UNKNOWN;
      // Without transactions the last stable offset is the end of the log, and there are no aborted transactions.
      response.int32(partition).int16(error).int64(end).int64(end);
      if (version >= 5) response.int64(log?.startOffset ?? UNKNOWN);
      response.int32(isolation === 'committed' ? 0 : -1);
      if (version >= 11) response.int32(NO_PREFERRED_REPLICA);
      response.bytesByReference(range ? range.segment.read(range) : NO_RECORDS);
    });
  });
}

/** Kafka's default (fetch.max.bytes of the broker). */
const MAX_BYTES = 57_671_680;
/** A longer wait is cut to this. Kafka has no such limit, but clients ask again at once. */
const MAX_WAIT_MS = 60_000;

interface FetchRequest {
  readonly maxWaitMs: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly isolation: 'committed' | 'uncommitted';
  readonly topics: readonly {
    topic: string;
    partitions: readonly { partition: number; offset: number; maxBytes: number }[];
  }[];
}

/** Parses a Fetch request and cuts its limits to those of this broker. */
export function readFetch(version: number, body: Reader): FetchRequest {
  body.int32(); // replica id, -1 for a client
  const maxWaitMs = clamp(0, body.int32(), MAX_WAIT_MS);
  const minBytes = body.int32();
  const maxBytes = clamp(0, body.int32(), MAX_BYTES);
  const isolation = body.int8() === 1 ? 'committed' : 'uncommitted';
  if (version >= 7) {
    body.int32(); // session id
    body.int32(); // session epoch
  }
  const topics = body.array(() => ({
    topic: body.string(),
    partitions: body.array(() => readPartition(version, body)),
  }));
  return { maxWaitMs, minBytes: Math.min(minBytes, maxBytes), maxBytes, isolation, topics };
}

function readPartition(version: number, body: Reader) {
  const partition = body.int32();
  if (version >= 9) body.int32(); // leader epoch, which never changes here
  const offset = body.int64();
  if (version >= 5) body.int64(); // log start offset of a follower
  return { partition, offset, maxBytes: clamp(0, body.int32(), MAX_BYTES) };
}

function clamp(min: number, value: number, max: number): number {
  return Math.max(min, Math.min(value, max));
}
