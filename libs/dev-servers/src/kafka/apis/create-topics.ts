import type { Api } from '../protocol/api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import type { Reader } from '../protocol/reader.js';
import { NOT_THROTTLED } from '../protocol/writer.js';
import { settingsFault } from '../storage/topic-config.js';
import type { Topics } from '../storage/topics.js';
import { collide, isTopicName } from './topic-names.js';

/** Kafka's default (num.partitions). */
const DEFAULT_PARTITIONS = 1;
type Fault = readonly [error: ErrorCode, message: string];

export function createTopics(topics: Topics): Api {
  return {
    key: 19,
    versions: [2, 3],
    answer({ body }, reply) {
      const wanted = body.array(() => readTopic(body));
      body.int32(); // how long the client would wait
      const validateOnly = body.boolean();
      const byName = Map.groupBy(wanted, ({ name }) => name);
      reply.int32(NOT_THROTTLED);
      reply.array(wanted, (topic) => {
        const isRepeated = byName.get(topic.name)!.length > 1;
        const fault: Fault | undefined = isRepeated
          ? [ErrorCode.INVALID_REQUEST, 'The request names this topic twice.']
          : faultOf(topic, topics);
        if (!fault && !validateOnly) {
          topics.create(
            topic.name,
            partitionsOf(topic),
            Object.fromEntries(topic.settings) as Record<string, string>,
          );
        }
        const [error, message] = fault ?? [ErrorCode.NONE, null];
        reply.string(topic.name).int16(error).string(message);
      });
    },
  };
}

type WantedTopic = ReturnType<typeof readTopic>;

function readTopic(body: Reader) {
  return {
    name: body.string(),
    partitions: body.int32(),
    replicationFactor: body.int16(),
    assignments: body.array(() => ({ partition: body.int32(), replicas: body.array(() => body.int32()) })),
    settings: new Map(body.array(() => [body.string(), body.nullableString()] as const)),
  };
}

function partitionsOf({ assignments, partitions }: WantedTopic): number {
  if (assignments.length > 0) return assignments.length;
  return partitions === -1 ? DEFAULT_PARTITIONS : partitions;
}

function faultOf(topic: WantedTopic, topics: Topics): Fault | undefined {
  const { name, replicationFactor, assignments, settings } = topic;
  if (!isTopicName(name)) return [ErrorCode.INVALID_TOPIC, 'This is no name for a topic.'];
  if (topics.get(name)) return [ErrorCode.TOPIC_ALREADY_EXISTS, `Topic '${name}' already exists.`];
  const other = topics.all().find((existing) => collide(existing.name, name));
  if (other)
    return [ErrorCode.INVALID_TOPIC, `Topic '${name}' collides with existing topic '${other.name}'.`];
  const partitions = partitionsOf(topic);
  if (partitions < 1 || partitions > topics.room) {
    return [ErrorCode.INVALID_PARTITIONS, `This development broker has room for ${topics.room} partitions.`];
  }
  if (assignments.length === 0 && replicationFactor !== 1 && replicationFactor !== -1) {
    return [ErrorCode.INVALID_REPLICATION_FACTOR, 'This development broker is a single node.'];
  }
  const fault = settingsFault(settings);
  return fault === undefined ? undefined : [ErrorCode.INVALID_CONFIG, fault];
}
