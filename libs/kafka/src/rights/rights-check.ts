import type { Kafka } from 'kafkajs';
import { Backoff, type Health, type Logger } from '#libs/platform';
import type { KafkaLogin } from '../security/sasl.js';
import type { TlsFiles } from '../security/socket-factory.js';
import { brokerErrorType } from '../protocol/kafkajs-internals.js';
import {
  withAuthorizedOperations,
  type AllowedOperations,
  type KafkaOperation,
} from './authorized-operations.js';

/** What a principal may do with a topic or a consumer group. */
export interface KafkaRight {
  readonly resource: 'topic' | 'group';
  readonly name: string;
  /** The right is for all names that begin with `name`. */
  readonly isPrefix?: true;
  readonly operations: readonly KafkaOperation[];
}

/** Names this client's principal for an operator: the user, or the variable or the token that determines it. */
export const describePrincipal = (login: KafkaLogin | undefined, tls: TlsFiles | undefined): string => {
  if (login === undefined)
    return tls?.certFile === undefined ? 'User:ANONYMOUS' : 'the subject of KAFKA_SSL_CERT_FILE';
  return login.mechanism === 'oauthbearer' ? 'the principal of the token' : `User:${login.username}`;
};

/** For example `Read and Delete on groups command.look-back.*`. */
const describeRight = ({ resource, name, isPrefix, operations }: KafkaRight): string =>
  `${operations.join(' and ')} on ${resource}${isPrefix ? `s ${name}*` : ` ${name}`}`;

const COMPONENT = 'kafka:rights';

const FIRST_RETRY_MS = 1_000;
const MAX_RETRY_MS = 30_000;

/**
 * Whether this process may do with topics and groups what it needs. Without it, a missing right would show as a consumer that
 * crashes or as messages that are not sent, in words that do not say what to grant.
 */
export class KafkaRightsCheck {
  /** @param principal for the log */
  constructor(
    private readonly kafka: Kafka,
    private readonly principal: string,
    private readonly rights: readonly KafkaRight[],
    private readonly health: Health,
    private readonly logger: Logger,
  ) {}

  /**
   * Waits until the rights are granted, and is not ready and says what is missing meanwhile: ending the process would not help.
   * Returns at once if the brokers cannot be asked: then the app's own clients report why.
   * @param onMissing called once if rights are missing, before waiting
   */
  async waitUntilGranted(onMissing?: () => Promise<void>): Promise<void> {
    const backoff = new Backoff(FIRST_RETRY_MS, MAX_RETRY_MS);
    let reported: string | undefined;
    for (;;) {
      const missing = await this.findMissing();
      if (missing.length === 0) {
        if (reported !== undefined) {
          this.logger.info(`Kafka now grants ${this.principal} every right that was missing`);
          this.health.set(COMPONENT, true);
        }
        return;
      }
      const list = missing.map(describeRight).join('; ');
      const detail = `Kafka does not allow ${this.principal}: ${list}`;
      this.health.set(COMPONENT, false, detail);
      if (reported === undefined) await onMissing?.();
      if (reported !== detail) {
        const action =
          'add these ACLs (docs/secure-connections.md, Rights); the app waits for them and then starts its work';
        this.logger.error(`${detail}; ${action}`);
      }
      reported = detail;
      await backoff.wait();
    }
  }

  private async findMissing(): Promise<readonly KafkaRight[]> {
    try {
      return await findMissingRights(this.kafka, this.rights);
    } catch (error) {
      this.logger.debug({ err: error }, 'the rights in Kafka could not be checked');
      return [];
    }
  }
}

/** What is asked about in place of all names with a prefix. Nothing is created under this name. */
const SAMPLE = 'rights-check';

/**
 * Returns those of the rights that the brokers refuse. A right about which they do not tell counts as granted. Changes nothing.
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

/** Brokers do not tell who may create a topic, so `Create` counts as missing until `findUncreatableTopics` has tried it. */
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
