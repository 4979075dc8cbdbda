// A consumer as a process that a test can kill. Its arguments are `[brokers, groupId, topic, options]`. It reports each
// assignment (`{ joined }`) and each value (`{ value }`) to its parent.
import { Kafka, type KafkaConfig, logLevel } from 'kafkajs';

const [brokers, groupId, topic, options] = process.argv.slice(2) as [string, string, string, string];
const kafka = new Kafka({
  ...(JSON.parse(options) as Pick<KafkaConfig, 'ssl' | 'sasl'>),
  clientId: 'victim',
  brokers: brokers.split(','),
  logLevel: logLevel.NOTHING,
});
const consumer = kafka.consumer({
  groupId,
  maxWaitTimeInMs: 100,
  sessionTimeout: 6_000,
  heartbeatInterval: 300,
});
process.once('disconnect', () => process.exit(0));
consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
  process.send!({ joined: payload.memberAssignment[topic] ?? [] });
});
await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true });
await consumer.run({
  eachMessage: ({ message }) => {
    process.send!({ value: String(message.value) });
    return Promise.resolve();
  },
});
