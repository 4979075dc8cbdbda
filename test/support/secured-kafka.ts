import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import kafkajs, { Kafka, logLevel } from 'kafkajs';
import { createCertificateAuthority } from '../../libs/dev-servers/src/certificates/certificate-authority.js';
import { readKafkaUsers, type KafkaUser } from '../deploy/support/kafka-users.js';
import { LocalKafka } from './servers/kafka/cluster.js';
import { ADMIN } from './servers/kafka/properties.js';
import { until } from './until.js';

const APPLIED_WITHIN_MS = 60_000;

// Node does not find these among the names that the package exports.
const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;

/** An Apache Kafka with a listener for logins over TLS. Nobody may do anything there without an ACL. */
export interface SecuredKafka {
  /** Of the listener without TLS and login, at which everybody may do everything. */
  readonly brokers: string;
  /** The environment of a user's process. `ADMIN` may do everything. */
  environmentOf(user: string): Record<string, string>;
  /** Adds the rights of the users in the manifests. */
  grantAsDeployed(): Promise<void>;
  grant(user: string, acls: KafkaUser['spec']['authorization']['acls']): Promise<void>;
  kill(): Promise<void>;
  startAgain(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * @param users who exist beside ADMIN and the users of the manifests
 * @throws with the reason when Kafka does not start
 */
export async function securedKafka({
  users = [],
  maxReauthMs,
  initialRebalanceDelayMs = 0,
}: {
  readonly users?: readonly string[];
  readonly maxReauthMs?: number;
  readonly initialRebalanceDelayMs?: number;
} = {}): Promise<SecuredKafka> {
  const dir = mkdtempSync(join(tmpdir(), 'secured-kafka-'));
  const file = (name: string, content: string) => {
    writeFileSync(join(dir, name), content);
    return join(dir, name);
  };
  const authority = createCertificateAuthority('Kafka of a test', new Date());
  const { cert, key } = authority.issue('broker', ['127.0.0.1', 'localhost']);
  const caFile = file('ca.pem', authority.ca);
  const deployed = readKafkaUsers();
  const names = [ADMIN, ...deployed.keys(), ...users];
  const passwords = Object.fromEntries(names.map((name) => [name, `password-of-${name}`]));
  for (const [name, password] of Object.entries(passwords)) file(`${name}.password`, password);
  const kafka = new LocalKafka({
    brokers: 1,
    initialRebalanceDelayMs,
    secured: {
      keyStoreFile: file('broker.pem', key + cert),
      passwords,
      ...(maxReauthMs === undefined ? {} : { maxReauthMs }),
    },
  });
  const stop = async () => {
    await kafka.stop();
    rmSync(dir, { recursive: true });
  };
  try {
    await kafka.start();
  } catch (error) {
    await stop();
    throw error;
  }
  const grant = async (user: string, acls: KafkaUser['spec']['authorization']['acls']) => {
    const admin = new Kafka({
      brokers: [kafka.brokers],
      connectionTimeout: 10_000,
      logLevel: logLevel.NOTHING,
    }).admin();
    await admin.connect();
    const entries = acls.flatMap(({ resource: { type, name, patternType }, operations }) =>
      operations.map((operation) => ({
        resourceType: type === 'topic' ? AclResourceTypes.TOPIC : AclResourceTypes.GROUP,
        resourceName: name,
        resourcePatternType:
          patternType === 'prefix' ? ResourcePatternTypes.PREFIXED : ResourcePatternTypes.LITERAL,
        principal: `User:${user}`,
        host: '*',
        operation: AclOperationTypes[operation.toUpperCase() as keyof typeof AclOperationTypes],
        permissionType: AclPermissionTypes.ALLOW,
      })),
    );
    await admin.createAcls({ acl: entries });
    // The controller responds before the broker has applied them.
    const isApplied = async (entry: (typeof entries)[number]) =>
      (await admin.describeAcls(entry)).resources.some(({ acls: found }) => found.length > 0);
    for (const entry of entries) await until(() => isApplied(entry), APPLIED_WITHIN_MS, 'an ACL');
    await admin.disconnect();
  };
  return {
    brokers: kafka.brokers,
    environmentOf: (user) => ({
      KAFKA_BROKERS: kafka.securedBrokers,
      KAFKA_SSL_CA_FILE: caFile,
      KAFKA_SASL_MECHANISM: 'scram-sha-512',
      KAFKA_SASL_USERNAME: user,
      KAFKA_SASL_PASSWORD_FILE: join(dir, `${user}.password`),
    }),
    grant,
    async grantAsDeployed() {
      for (const [name, { spec }] of deployed) await grant(name, spec.authorization.acls);
    },
    kill: () => kafka.kill(),
    startAgain: () => kafka.startAgain(),
    stop,
  };
}

const APPS = ['command', 'projector', 'notification', 'api'] as const;

/**
 * The environment of `npm start`, in which each app has a login of its own. What stands for other services, such as the publisher of
 * profiles, uses the other listener.
 */
export async function environmentsOfApps(kafka: SecuredKafka): Promise<Record<string, string>> {
  await kafka.grantAsDeployed();
  const own = APPS.flatMap((app) =>
    Object.entries(kafka.environmentOf(`invitations-${app}`)).map(([name, value]) => [
      `${app.toUpperCase()}__${name}`,
      value,
    ]),
  );
  return { KAFKA_BROKERS: kafka.brokers, ...(Object.fromEntries(own) as Record<string, string>) };
}
