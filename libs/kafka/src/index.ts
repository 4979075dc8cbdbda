export { BatchConsumer, type BatchConsumerOptions } from './batch-consumer.js';
export {
  readTraceparent,
  type ConsumedMessage,
  type MessageOffset,
  type UndecodableBatch,
} from './consumed-message.js';
export {
  isDeadLetterWithoutContent,
  readDeadLetterOrigin,
  toDeadLetter,
  toDeadLetterOfBatch,
  toDeadLetterWithoutContent,
  type DeadLetterOrigin,
} from './dead-letter.js';
export { kafkaSettings, WithKafka, type KafkaConfig } from './kafka.config.js';
export { TopicsConfig, WithTopics } from './topics.config.js';
export {
  brokerErrorType,
  createKafka,
  isMessageTooLarge,
  kafkaCheck,
  type KafkaSettings,
} from './kafka-client.js';
export { ConsumerMetrics, ProducerMetrics } from './kafka-metrics.js';
export { Producer } from './producer.js';
export { TRACEPARENT_HEADER, type ProducerMessage, type TraceContext } from './producer-message.js';
export { RecordHeaders, type RecordHeader } from './protocol/record.js';
export { readTopicToEnd, type ReadTopicToEndOptions } from './read-topic.js';
export { describePrincipal, type KafkaOperation, type KafkaRight } from './rights/kafka-right.js';
export { findMissingRights } from './rights/find-missing-rights.js';
export { KafkaRightsCheck } from './rights/rights-check.js';
export type { KafkaLogin, KafkaTokenProvider } from './security/sasl.js';
export type { TlsFiles } from './security/tls-files.js';
export {
  countPartitions,
  createTopics,
  ensureTopics,
  listTopics,
  TopicOffsets,
  type PartitionOffsets,
} from './topic-admin.js';
export type { Kafka } from 'kafkajs';
