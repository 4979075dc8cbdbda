/** Settings of a local cluster. */
export interface ClusterSettings {
  /** Each node is a broker and a controller. With three nodes, two can elect and acknowledge without the third. */
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
  };
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
