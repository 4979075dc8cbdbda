export { BatchConsumer, type BatchConsumerOptions } from './batch-consumer.js';
export { createKafka, type KafkaSettings } from './client.js';
export { deadLetter } from './dead-letter.js';
export type { Incoming } from './incoming.js';
export { Producer, type Outgoing } from './producer.js';
export { ensureTopics } from './topics.js';
export type { Kafka } from 'kafkajs';
