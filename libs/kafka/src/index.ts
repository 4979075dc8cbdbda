export { BatchConsumer, type BatchConsumerOptions } from './batch-consumer.js';
export {
  readTraceparent,
  type ConsumedMessage,
  type MessageOffset,
  type UndecodableBatch,
  type ProducerMessage,
} from './message.js';
export {
  isDeadLetterWithoutContent,
  readDeadLetterOrigin,
  toDeadLetter,
  toDeadLetterOfBatch,
  toDeadLetterWithoutContent,
  type DeadLetterOrigin,
} from './dead-letter.js';
export { kafkaSettings, WithKafka, type KafkaConfig, TopicsConfig, WithTopics } from './kafka.config.js';
export { createKafka, kafkaCheck, type KafkaSettings } from './kafka-client.js';
export { brokerErrorType, isMessageTooLarge } from './protocol/kafkajs-internals.js';
export { ConsumerMetrics, ProducerMetrics } from './kafka-metrics.js';
export { Producer } from './producer.js';
export { RecordHeaders, type RecordHeader } from './protocol/record.js';
export { readTopicToEnd, type ReadTopicToEndOptions } from './read-topic.js';
export {
  describePrincipal,
  type KafkaRight,
  findMissingRights,
  KafkaRightsCheck,
} from './rights/rights-check.js';
export type { KafkaTokenProvider } from './security/sasl.js';
export type { TlsFiles } from './security/socket-factory.js';
export {
  countPartitions,
  createTopics,
  ensureTopics,
  readTopicSetting,
  listTopics,
  readRetention,
  TopicOffsets,
  type PartitionOffsets,
  type Retention,
} from './topic-admin.js';
export type { Kafka } from 'kafkajs';
