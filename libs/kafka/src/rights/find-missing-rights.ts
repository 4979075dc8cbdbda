import type { Kafka } from 'kafkajs';
import { brokerErrorType } from '../kafka-client.js';
import { withAuthorizedOperations, type AllowedOperations } from './authorized-operations.js';
import type { KafkaRight } from './kafka-right.js';

/** What is asked about in place of all names with a prefix. Nothing is created under this name. */
const SAMPLE = 'rights-check';

/**
 * Returns what the brokers do not allow of the given rights, and nothing that they do not tell. It changes nothing.
 * @throws when the brokers do not respond
 */
export async function findMissingRights(kafka: Kafka, rights: readonly KafkaRight[]): Promise<KafkaRight[]> {
  const missing = await withAuthorizedOperations(kafka, async ({ ofTopic, ofGroup }) => {
    const answers: KafkaRight[] = [];
    for (const right of rights) {
      const name = right.isPrefix ? right.name + SAMPLE : right.name;
      const allowed = await (right.resource === 'topic' ? ofTopic(name) : ofGroup(name));
      const operations = right.operations.filter((operation) => isMissing(allowed, operation));
      if (operations.length > 0) answers.push({ ...right, operations });
    }
    return answers;
  });
  const createsTopics = missing.filter(
    ({ resource, operations }) => resource === 'topic' && operations.includes('Create'),
  );
  if (createsTopics.length === 0) return missing;
  const refused = await findUncreatableTopics(kafka, createsTopics);
  return missing.flatMap((right) => {
    const operations = right.operations.filter((operation) => operation !== 'Create' || refused.has(right));
    return operations.length === 0 ? [] : [{ ...right, operations }];
  });
}

/** Nobody is told about the creation of a topic, whether or not it exists: that is tried. */
const isMissing = (allowed: AllowedOperations, operation: KafkaRight['operations'][number]): boolean =>
  operation === 'Create' ? true : allowed !== 'unknown' && !allowed.has(operation);

/** Asks the brokers to check the creation of topics, without creating them. One that exists need not be created. */
async function findUncreatableTopics(
  kafka: Kafka,
  rights: readonly KafkaRight[],
): Promise<ReadonlySet<KafkaRight>> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const refused = new Set<KafkaRight>();
    const existing = new Set(await admin.listTopics());
    for (const right of rights) {
      const topic = right.isPrefix ? right.name + SAMPLE : right.name;
      if (existing.has(topic)) continue;
      try {
        await admin.createTopics({
          topics: [{ topic, numPartitions: 1 }],
          validateOnly: true,
          waitForLeaders: false,
        });
      } catch (error) {
        if (AUTHORIZATION.has(brokerErrorType(error) ?? typeOfFirst(error) ?? '')) refused.add(right);
      }
    }
    return refused;
  } finally {
    await admin.disconnect();
  }
}

const AUTHORIZATION = new Set(['TOPIC_AUTHORIZATION_FAILED', 'CLUSTER_AUTHORIZATION_FAILED']);

/** kafkajs collects the errors of a creation, one for each topic. */
const typeOfFirst = (error: unknown): string | undefined =>
  (error as { errors?: readonly { type?: string }[] }).errors?.[0]?.type;
