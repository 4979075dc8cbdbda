import type { Api } from '../protocol/api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { NOT_THROTTLED, type Reader } from '../protocol/primitives.js';
import type { AppendResult } from '../storage/partition-log.js';
import type { ProducerIds } from '../storage/store.js';
import type { Topics } from '../storage/topics.js';

/** -1: the broker does not replace timestamps (message.timestamp.type=CreateTime). */
const NO_APPEND_TIME = -1;
const ALL_IN_SYNC_REPLICAS = -1;

export function produce(topics: Topics): Api {
  return {
    key: 0,
    versions: [3, 8],
    // As in Apache Kafka 4: librdkafka compresses nothing unless version 0 is advertised (KAFKA-18659).
    advertisedFrom: 0,
    handle({ version, body }, response) {
      const isTransactional = body.nullableString() !== null;
      const acks = body.int16();
      body.int32(); // timeout
      const requested = readTopics(body);
      const requestError = isTransactional
        ? ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED
        : acks === 0 || acks === 1 || acks === ALL_IN_SYNC_REPLICAS
          ? undefined
          : ErrorCode.INVALID_REQUIRED_ACKS;
      const results = requested.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map(({ partition, batch }) => {
          const log = topics.log(topic, partition);
          const result: AppendResult =
            requestError === undefined && log
              ? log.append(batch)
              : { error: requestError ?? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, baseOffset: -1 };
          return { ...result, partition, logStartOffset: log?.startOffset ?? -1 };
        }),
      }));
      if (acks === 0) return response.suppress();
      response.array(results, ({ topic, partitions }) => {
        response
          .string(topic)
          .array(partitions, ({ partition, error, baseOffset, logStartOffset, rejection }) => {
            response.int32(partition).int16(error).int64(baseOffset).int64(NO_APPEND_TIME);
            if (version >= 5) response.int64(logStartOffset);
            if (version < 8) return;
            response.array(rejection?.records ?? [], ({ index, message }) =>
              response.int32(index).string(message),
            );
            response.string(rejection?.message ?? null);
          });
      });
      response.int32(NOT_THROTTLED);
    },
  };
}

function readTopics(body: Reader) {
  return body.array(() => ({
    topic: body.string(),
    partitions: body.array(() => ({
      partition: body.int32(),
      batch: body.nullableBytes() ?? Buffer.alloc(0),
    })),
  }));
}

const FIRST_EPOCH = 0;

/** Allocates the id of an idempotent producer. A transactional producer is rejected with an error that clients do not retry. */
export function initProducerId(producerIds: ProducerIds): Api {
  return {
    key: 22,
    versions: [0, 1],
    handle({ body }, response) {
      const isTransactional = body.nullableString() !== null;
      body.int32(); // transaction timeout
      response.int32(NOT_THROTTLED);
      if (isTransactional)
        response.int16(ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED).int64(-1).int16(-1);
      else response.int16(ErrorCode.NONE).int64(producerIds.allocate()).int16(FIRST_EPOCH);
    },
  };
}
