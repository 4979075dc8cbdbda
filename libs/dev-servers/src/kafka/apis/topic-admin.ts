import type { Api } from '../protocol/api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { NOT_THROTTLED, type Reader } from '../protocol/primitives.js';
import type { CommittedOffsets } from '../storage/committed-offsets.js';
import type { PartitionLog } from '../storage/partition-log.js';
import { type EffectiveSetting, effectiveSettings, validateSettings } from '../storage/topic-config.js';
import { isTopicName, namesCollide, type Topics } from '../storage/topics.js';

/** Kafka's default (num.partitions). */
const DEFAULT_PARTITIONS = 1;
type TopicError = readonly [error: ErrorCode, message: string];

export function createTopics(topics: Topics): Api {
  return {
    key: 19,
    versions: [2, 4],
    handle({ body }, response) {
      const requested = body.array(() => readTopic(body));
      body.int32(); // timeout
      const validateOnly = body.boolean();
      const byName = Map.groupBy(requested, ({ name }) => name);
      response.int32(NOT_THROTTLED);
      response.array(requested, (topic) => {
        const isRepeated = byName.get(topic.name)!.length > 1;
        const failure: TopicError | undefined = isRepeated
          ? [ErrorCode.INVALID_REQUEST, 'The request names this topic twice.']
          : validateTopic(topic, topics);
        if (!failure && !validateOnly) {
          topics.create(
            topic.name,
            partitionCount(topic),
            Object.fromEntries(topic.settings) as Record<string, string>,
          );
        }
        const [error, message] = failure ?? [ErrorCode.NONE, null];
        response.string(topic.name).int16(error).string(message);
      });
    },
  };
}

type RequestedTopic = ReturnType<typeof readTopic>;

function readTopic(body: Reader) {
  return {
    name: body.string(),
    partitions: body.int32(),
    replicationFactor: body.int16(),
    assignments: body.array(() => ({ partition: body.int32(), replicas: body.array(() => body.int32()) })),
    settings: new Map(body.array(() => [body.string(), body.nullableString()] as const)),
  };
}

function partitionCount({ assignments, partitions }: RequestedTopic): number {
  if (assignments.length > 0) return assignments.length;
  return partitions === -1 ? DEFAULT_PARTITIONS : partitions;
}

function validateTopic(topic: RequestedTopic, topics: Topics): TopicError | undefined {
  const { name, replicationFactor, assignments, settings } = topic;
  if (!isTopicName(name)) return [ErrorCode.INVALID_TOPIC, `'${name}' is not a valid topic name.`];
  if (topics.get(name)) return [ErrorCode.TOPIC_ALREADY_EXISTS, `Topic '${name}' already exists.`];
  const other = topics.all().find((existing) => namesCollide(existing.name, name));
  if (other)
    return [ErrorCode.INVALID_TOPIC, `Topic '${name}' collides with existing topic '${other.name}'.`];
  const partitions = partitionCount(topic);
  if (partitions < 1 || partitions > topics.remainingPartitions) {
    return [
      ErrorCode.INVALID_PARTITIONS,
      `This development broker can create ${topics.remainingPartitions} more partitions.`,
    ];
  }
  if (assignments.length === 0 && replicationFactor !== 1 && replicationFactor !== -1) {
    return [ErrorCode.INVALID_REPLICATION_FACTOR, 'This development broker is a single node.'];
  }
  const problem = validateSettings(settings);
  return problem === undefined ? undefined : [ErrorCode.INVALID_CONFIG, problem];
}

export function createPartitions(topics: Topics): Api {
  return {
    key: 37,
    versions: [0, 1],
    handle({ body }, response) {
      const requested = body.array(() => {
        const topic = { name: body.string(), total: body.int32() };
        body.nullableArray(() => body.array(() => body.int32())); // assignments of replicas
        return topic;
      });
      body.int32(); // timeout
      const validateOnly = body.boolean();
      response.int32(NOT_THROTTLED);
      response.array(requested, ({ name, total }) => {
        const [error, message] = validatePartitionCount(
          total,
          topics.get(name)?.partitions.length,
          topics.remainingPartitions,
        );
        if (error === ErrorCode.NONE && !validateOnly) topics.addPartitions(name, total);
        response.string(name).int16(error).string(message);
      });
    },
  };
}

function validatePartitionCount(
  total: number,
  present: number | undefined,
  remaining: number,
): [ErrorCode, string | null] {
  if (present === undefined) return [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, null];
  if (total <= present || total > present + remaining) {
    return [
      ErrorCode.INVALID_PARTITIONS,
      `The topic has ${present} partitions, and at most ${remaining} more can be created.`,
    ];
  }
  return [ErrorCode.NONE, null];
}

export function deleteTopics(topics: Topics, offsets: CommittedOffsets): Api {
  return {
    key: 20,
    versions: [1, 1],
    handle({ body }, response) {
      const names = body.array(() => body.string());
      response.int32(NOT_THROTTLED);
      response.array(names, (name) => {
        const exists = topics.get(name) !== undefined;
        if (exists) {
          topics.delete(name);
          offsets.deleteTopic(name);
        }
        response.string(name).int16(exists ? ErrorCode.NONE : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
      });
    },
  };
}

/** In place of an offset: the end of the log (high watermark). */
const LOG_END = -1;

export function deleteRecords(topics: Topics): Api {
  return {
    key: 21,
    versions: [0, 1],
    handle({ body }, response) {
      const requested = body.array(() => ({
        topic: body.string(),
        partitions: body.array(() => ({ partition: body.int32(), before: body.int64() })),
      }));
      response.int32(NOT_THROTTLED);
      response.array(requested, ({ topic, partitions }) => {
        response.string(topic).array(partitions, ({ partition, before }) => {
          const log = topics.log(topic, partition);
          const offset = before === LOG_END ? log?.endOffset : before;
          const error = validateOffset(log, offset);
          if (error === ErrorCode.NONE) topics.deleteRecords(topic, partition, offset!);
          response
            .int32(partition)
            .int64(log?.startOffset ?? -1)
            .int16(error);
        });
      });
    },
  };
}

function validateOffset(log: PartitionLog | undefined, offset = -1): ErrorCode {
  if (!log) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
  return offset < 0 || offset > log.endOffset ? ErrorCode.OFFSET_OUT_OF_RANGE : ErrorCode.NONE;
}

/** A resource type, and two sources of a setting. */
const TOPIC = 2;
const DYNAMIC_TOPIC_CONFIG = 1;
const DEFAULT_CONFIG = 5;

/** The settings of topics. On this broker other resources have no settings. */
export function describeConfigs(topics: Topics): Api {
  return {
    key: 32,
    versions: [1, 2],
    handle({ body }, response) {
      const resources = body.array(() => ({
        type: body.int8(),
        name: body.string(),
        keys: body.nullableArray(() => body.string()),
      }));
      response.int32(NOT_THROTTLED);
      response.array(resources, ({ type, name, keys }) => {
        const topic = type === TOPIC ? topics.get(name) : undefined;
        const isMissing = type === TOPIC && !topic;
        const settings = topic ? effectiveSettings(topic.settings) : [];
        response.int16(isMissing ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : ErrorCode.NONE).string(null);
        response.int8(type).string(name);
        response.array(
          keys ? settings.filter((setting) => keys.includes(setting.name)) : settings,
          writeSetting,
        );
      });

      function writeSetting({ name, value, isDefault }: EffectiveSetting): void {
        response.string(name).string(value).boolean(false);
        response.int8(isDefault ? DEFAULT_CONFIG : DYNAMIC_TOPIC_CONFIG).boolean(false);
        response.array([], () => undefined); // synonyms
      }
    },
  };
}
