import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { TOPICS } from '#libs/contracts';
import { allDifferent, commandMessage } from './workload.js';

/**
 * Another service: publishes at a steady rate and receives the outcomes. The latency of a command counts from the time
 * at which it was due, so that a slow broker cannot hide behind a publisher that waits for it.
 */
const EVERY_MS = 5;

const { KAFKA_BROKERS, RUN, COUNT, RATE, REPLIES } = process.env as Record<string, string>;
const kafka = new Kafka({ clientId: 'load', brokers: [KAFKA_BROKERS!], logLevel: logLevel.NOTHING });
const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
const consumer = kafka.consumer({ groupId: `load-${RUN}`, maxWaitTimeInMs: 50 });
await producer.connect();
await consumer.connect();
await consumer.subscribe({ topics: [REPLIES!] });

const dueAt = new Map<string, number>();
const latencies: number[] = [];
const all = Promise.withResolvers<void>();
const joined = Promise.withResolvers<void>();
consumer.on(consumer.events.FETCH, () => joined.resolve());
await consumer.run({
  eachBatch: async ({ batch }) => {
    const now = performance.now();
    for (const { key } of batch.messages) {
      const due = dueAt.get(String(key));
      if (due !== undefined) latencies.push(now - due);
      dueAt.delete(String(key));
    }
    if (latencies.length === Number(COUNT)) all.resolve();
  },
});
await joined.promise;

const messages = [...allDifferent(RUN!, Number(COUNT))].map((sending) => commandMessage(sending, REPLIES));
const begin = performance.now();
const sends: Promise<unknown>[] = [];
for (let next = 0; next < messages.length;) {
  const due = Math.min(messages.length, Math.floor(((performance.now() - begin) / 1_000) * Number(RATE)));
  const batch = messages.slice(next, due);
  batch.forEach(({ headers }, n) => {
    dueAt.set(String(headers!['ce_id']), begin + ((next + n) / Number(RATE)) * 1_000);
  });
  next += batch.length;
  if (batch.length > 0) sends.push(producer.send({ topic: TOPICS.commands, messages: batch }));
  await sleep(EVERY_MS);
}
await Promise.all(sends);
await all.promise;
process.send!(latencies);
await Promise.all([producer.disconnect(), consumer.disconnect()]);
