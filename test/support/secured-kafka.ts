import type { CertificateAuthority } from '../../libs/dev-servers/src/certificates/certificate-authority.js';
import { readKafkaUsers } from '../deploy/support/kafka-users.js';
import { grantAcls, type Acl } from './servers/kafka/acls.js';
import { LocalKafka } from './servers/kafka/cluster.js';
import { KafkaCredentials } from './servers/kafka/secured-listeners.js';

/**
 * An Apache Kafka with a listener for logins over TLS and one for clients with a certificate. Nobody may do anything there without
 * an ACL.
 */
export interface SecuredKafka {
  /** Of the listener without TLS and login, at which everybody may do everything. */
  readonly brokers: string;
  /** The environment of a user's process that logs in. `ADMIN` may do everything. */
  environmentOf(user: string): Record<string, string>;
  /** The environment of a user's process that has a certificate, by default of the authority that the broker trusts. */
  certificateOf(user: string, authority?: CertificateAuthority): Record<string, string>;
  /** Adds the rights of the users in the manifests. */
  grantAsDeployed(): Promise<void>;
  grant(user: string, acls: readonly Acl[]): Promise<void>;
  /** Sends SIGKILL to a node, by its id from 1 on, or to all nodes without an id. */
  kill(id?: number): Promise<void>;
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
  brokers = 1,
  initialRebalanceDelayMs = 0,
}: {
  readonly users?: readonly string[];
  readonly maxReauthMs?: number;
  readonly brokers?: 1 | 3;
  readonly initialRebalanceDelayMs?: number;
} = {}): Promise<SecuredKafka> {
  const deployed = readKafkaUsers();
  const credentials = new KafkaCredentials([...deployed.keys(), ...users], maxReauthMs);
  const kafka = new LocalKafka({ brokers, initialRebalanceDelayMs, secured: credentials.listeners });
  const stop = async () => {
    await kafka.stop();
    credentials.remove();
  };
  try {
    await kafka.start();
  } catch (error) {
    await stop();
    throw error;
  }
  const grant = (user: string, acls: readonly Acl[]) => grantAcls(kafka.brokers, user, acls);
  return {
    brokers: kafka.brokers,
    environmentOf: (user) => credentials.login(user, kafka),
    certificateOf: (user, authority) => credentials.certificate(user, kafka, authority),
    grant,
    async grantAsDeployed() {
      for (const [name, { spec }] of deployed) await grant(name, spec.authorization.acls);
    },
    kill: (id) => kafka.kill(id),
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
