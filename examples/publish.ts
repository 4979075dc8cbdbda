/*
 * Publishes one command and waits for its outcome: npm run --silent example:publish -- <ce_type> <data> [<ce_id>]
 * Copy it: it needs nothing of this repository but kafkajs, and Node.js 24, which runs TypeScript as it is.
 */
import { randomUUID } from 'node:crypto';
import { Kafka, logLevel, Partitioners } from 'kafkajs';

interface Outcome {
  readonly commandId: string;
  readonly outcome: 'accepted' | 'refused';
  readonly code?: string;
}

const REPLY_TO = 'invitations.outcomes.example';

const [type, json = '', given] = process.argv.slice(2);
if (type === undefined || !isObject(json)) {
  console.error('Usage: publish.ts <ce_type> <data: a JSON object> [<ce_id: a UUID>]');
  process.exit(2);
}
// In a service, derive the id from the cause of the command, or store it before publishing, because a retry must reuse
// it.
const commandId = given ?? randomUUID();
const data = JSON.parse(json) as Record<string, string>;
// The inviter's id, whoever issues the command: it keeps all commands on one account in order.
const key = data['inviterId'] ?? data['accountId'] ?? data['invitationId']?.split('.')[0] ?? null;

const brokers = (process.env['KAFKA_BROKERS'] ?? '127.0.0.1:9092').split(',');
// kafkajs also logs what it goes on to retry with success. What fails for good is thrown.
const kafka = new Kafka({ clientId: 'example', brokers, logLevel: logLevel.NOTHING });

const admin = kafka.admin();
await admin.connect();
await admin.createTopics({ topics: [{ topic: REPLY_TO, numPartitions: 1 }] });
await admin.disconnect();

const consumer = kafka.consumer({ groupId: REPLY_TO });
await consumer.connect();
await consumer.subscribe({ topic: REPLY_TO, fromBeginning: true });
const answered = Promise.withResolvers<Outcome>();
consumer.on(consumer.events.CRASH, ({ payload }) => answered.reject(payload.error));
await consumer.run({
  eachMessage: async ({ message }) => {
    const outcome = JSON.parse(String(message.value)) as Outcome;
    if (outcome.commandId === commandId) answered.resolve(outcome);
  },
});

const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
await producer.connect();
const headers = {
  ce_specversion: '1.0',
  ce_id: commandId,
  ce_type: type,
  ce_source: '/example',
  ce_time: new Date().toISOString(),
  'content-type': 'application/json',
  'reply-to': REPLY_TO,
};
await producer.send({ topic: 'invitations.commands', messages: [{ key, value: json, headers }] });

console.log(JSON.stringify(await answered.promise));
await Promise.all([producer.disconnect(), consumer.disconnect()]);

function isObject(json: string): boolean {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null;
  } catch {
    return false;
  }
}
