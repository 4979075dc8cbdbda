import type { Api } from '../protocol/api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import type { Reader } from '../protocol/reader.js';
import { NOT_THROTTLED } from '../protocol/writer.js';
import type { Appended } from '../storage/partition-log.js';
import type { Topics } from '../storage/topics.js';

/** With -1, "not known", where a broker with another timestamp type tells when it appended. */
const NO_APPEND_TIME = -1;
const ALL_IN_SYNC = -1;

export function produce(topics: Topics): Api {
  return {
    key: 0,
    versions: [3, 7],
    // As Apache Kafka has it since version 4: without the oldest, librdkafka compresses nothing (KAFKA-18659).
    claimsFrom: 0,
    answer({ version, body }, reply) {
      const isTransactional = body.nullableString() !== null;
      const acks = body.int16();
      body.int32(); // how long the client would wait for replicas
      const wanted = readTopics(body);
      const refusal = isTransactional
        ? ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED
        : acks === 0 || acks === 1 || acks === ALL_IN_SYNC
          ? undefined
          : ErrorCode.INVALID_REQUIRED_ACKS;
      const done = wanted.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map(({ partition, batch }) => {
          const log = topics.log(topic, partition);
          const appended: Appended =
            refusal === undefined && log
              ? log.append(batch)
              : { error: refusal ?? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, baseOffset: -1 };
          return { ...appended, partition, logStart: log?.start ?? -1 };
        }),
      }));
      if (acks === 0) return reply.withhold();
      reply.array(done, ({ topic, partitions }) => {
        reply.string(topic).array(partitions, ({ partition, error, baseOffset, logStart }) => {
          reply.int32(partition).int16(error).int64(baseOffset).int64(NO_APPEND_TIME);
          if (version >= 5) reply.int64(logStart);
        });
      });
      reply.int32(NOT_THROTTLED);
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
