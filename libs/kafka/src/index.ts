export { BatchConsumer, type BatchConsumerOptions } from './batch-consumer.js';
export { createKafka, type KafkaSettings } from './client.js';
export { deadLetter, originOf } from './dead-letter.js';
export type { Incoming } from './incoming.js';
export { Producer, type Outgoing } from './producer.js';
export { readTopic, type ReadTopicOptions } from './read-topic.js';
export { ensureTopics } from './topics.js';
export type { Kafka } from 'kafkajs';
