/** Settings of a local cluster. */
export interface ClusterSettings {
  /** Each node is a broker and a controller. With three nodes, two can elect and acknowledge without the third. */
  readonly brokers: 1 | 3;
  /** How long an empty group waits for further members before its first rebalance, in milliseconds. */
  readonly initialRebalanceDelayMs: number;
  /** Two more listeners over TLS, for clients with a login and for clients with a certificate. Their rights are ACLs. */
  readonly secured?: SecuredListeners;
}

export interface SecuredListeners {
  /** A PEM file with the brokers' private key and certificate. */
  readonly keyStoreFile: string;
  /** A PEM file with the authority of the clients' certificates. The common name of a certificate is the user's name. */
  readonly clientCaFile: string;
  /** The passwords of users who log in with SCRAM, by name. `ADMIN` may do everything, as may clients without TLS. */
  readonly passwords: Readonly<Record<string, string>>;
  /** When each connection must log in again. */
  readonly maxReauthMs?: number;
}

/** The user who needs no ACLs. */
export const ADMIN = 'admin';

export interface Node {
  readonly id: number;
  readonly port: number;
  readonly controllerPort: number;
  /** For clients with a login over TLS. */
  readonly securedPort?: number | undefined;
  /** For clients with a certificate. */
  readonly mutualTlsPort?: number | undefined;
  readonly dataDir: string;
}

/** Returns the server.properties of a node. Other settings have Kafka's defaults. */
export function serverProperties(node: Node, nodes: readonly Node[], settings: ClusterSettings): string {
  const replicas = nodes.length;
  const majority = Math.floor(replicas / 2) + 1;
  const properties: Record<string, string | number> = {
    'process.roles': 'broker,controller',
    'node.id': node.id,
    'controller.quorum.voters': nodes
      .map(({ id, controllerPort }) => `${id}@127.0.0.1:${controllerPort}`)
      .join(','),
    listeners: `PLAINTEXT://127.0.0.1:${node.port},CONTROLLER://127.0.0.1:${node.controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': node.dataDir,
    'default.replication.factor': replicas,
    'min.insync.replicas': majority,
    'offsets.topic.replication.factor': replicas,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': majority,
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': majority,
    // A mistyped topic name must cause an error and not create a topic.
    'auto.create.topics.enable': 'false',
    'group.initial.rebalance.delay.ms': settings.initialRebalanceDelayMs,
    // Settings for small machines: fewer files and a smaller heap, without a difference for clients.
    'offsets.topic.num.partitions': 8,
    'transaction.state.log.num.partitions': 8,
    'log.cleaner.dedupe.buffer.size': 16 * 1024 * 1024,
    // The time after which a killed broker's partitions get a new leader.
    'broker.heartbeat.interval.ms': 1_000,
    'broker.session.timeout.ms': 6_000,
    ...(settings.secured === undefined ? {} : securedProperties(node, settings.secured)),
  };
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

/** Nobody may do anything without an ACL, except for clients of the listener without TLS. */
function securedProperties(
  { port, controllerPort, securedPort, mutualTlsPort }: Node,
  { keyStoreFile, clientCaFile, passwords, maxReauthMs }: SecuredListeners,
): Record<string, string | number> {
  const plainUsers = Object.entries(passwords).map(([user, password]) => ` user_${user}="${password}"`);
  const modules = 'org.apache.kafka.common.security';
  const listener = 'listener.name.sasl_ssl';
  const withCertificates = 'listener.name.ssl';
  return {
    listeners: [
      `PLAINTEXT://127.0.0.1:${port}`,
      `SASL_SSL://127.0.0.1:${securedPort}`,
      `SSL://127.0.0.1:${mutualTlsPort}`,
      `CONTROLLER://127.0.0.1:${controllerPort}`,
    ].join(','),
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'PLAINTEXT',
    [`${listener}.ssl.keystore.type`]: 'PEM',
    [`${listener}.ssl.keystore.location`]: keyStoreFile,
    [`${listener}.sasl.enabled.mechanisms`]: 'SCRAM-SHA-256,SCRAM-SHA-512,PLAIN,OAUTHBEARER',
    [`${listener}.scram-sha-256.sasl.jaas.config`]: `${modules}.scram.ScramLoginModule required;`,
    [`${listener}.scram-sha-512.sasl.jaas.config`]: `${modules}.scram.ScramLoginModule required;`,
    [`${listener}.plain.sasl.jaas.config`]: `${modules}.plain.PlainLoginModule required${plainUsers.join('')};`,
    // Accepts tokens without a signature, for tests.
    [`${listener}.oauthbearer.sasl.jaas.config`]: `${modules}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";`,
    [`${withCertificates}.ssl.keystore.type`]: 'PEM',
    [`${withCertificates}.ssl.keystore.location`]: keyStoreFile,
    [`${withCertificates}.ssl.truststore.type`]: 'PEM',
    [`${withCertificates}.ssl.truststore.location`]: clientCaFile,
    [`${withCertificates}.ssl.client.auth`]: 'required',
    [`${withCertificates}.ssl.principal.mapping.rules`]: 'RULE:^CN=([^,]+).*$/$1/',
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'allow.everyone.if.no.acl.found': 'false',
    'super.users': `User:ANONYMOUS;User:${ADMIN}`,
    ...(maxReauthMs === undefined ? {} : { [`${listener}.connections.max.reauth.ms`]: maxReauthMs }),
  };
}
