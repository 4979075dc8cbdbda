/** What a local cluster can be asked to be. */
export interface ClusterSettings {
  /** Each is broker and controller. With three, two may decide and acknowledge without the third. */
  readonly brokers: 1 | 3;
  /** How long an empty group waits for further members before its first rebalance, in milliseconds. */
  readonly initialRebalanceDelayMs: number;
}

export interface Node {
  readonly id: number;
  readonly port: number;
  readonly controllerPort: number;
  readonly dataDir: string;
}

/** A node's server.properties. Everything that it does not say is as Kafka has it by default. */
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
    // A mistyped topic is an error, not a topic.
    'auto.create.topics.enable': 'false',
    'group.initial.rebalance.delay.ms': settings.initialRebalanceDelayMs,
    // Small machines: fewer files and a smaller heap, which change nothing that a client could see.
    'offsets.topic.num.partitions': 8,
    'transaction.state.log.num.partitions': 8,
    'log.cleaner.dedupe.buffer.size': 16 * 1024 * 1024,
    // A killed broker's partitions get a new leader after this time.
    'broker.heartbeat.interval.ms': 1_000,
    'broker.session.timeout.ms': 6_000,
  };
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
