import type { Health } from '#libs/platform';

/** Ready while the group's coordinator responds and no assigned partition is blocked by a batch that fails. */
export class GroupHealth {
  private readonly blockedPartitions = new Map<string, string>();
  private heartbeatTimer: NodeJS.Timeout | undefined;

  /** @param sessionTimeoutMs after this long without a heartbeat response the coordinator has removed the member */
  constructor(
    private readonly component: string,
    private readonly sessionTimeoutMs: number,
    private readonly health: Health,
  ) {}

  onJoining(): void {
    this.health.set(this.component, false, 'joining the consumer group');
  }

  onJoined(assignment: Readonly<Record<string, readonly number[]>>): void {
    const assigned = new Set(
      Object.entries(assignment).flatMap(([topic, partitions]) =>
        partitions.map((partition) => partitionKey(topic, partition)),
      ),
    );
    for (const partition of this.blockedPartitions.keys()) {
      if (!assigned.has(partition)) this.blockedPartitions.delete(partition);
    }
    this.onHeartbeat();
  }

  /** The coordinator has responded. */
  onHeartbeat(): void {
    clearTimeout(this.heartbeatTimer);
    this.heartbeatTimer = setTimeout(() => {
      const detail = `no response from the group coordinator for ${this.sessionTimeoutMs} ms`;
      this.health.set(this.component, false, detail);
    }, this.sessionTimeoutMs).unref();
    this.report();
  }

  partitionBlocked(topic: string, partition: number, reason: string): void {
    this.blockedPartitions.set(partitionKey(topic, partition), reason);
    this.report();
  }

  partitionResumed(topic: string, partition: number): void {
    if (this.blockedPartitions.delete(partitionKey(topic, partition))) this.report();
  }

  onLeft(reason: string): void {
    clearTimeout(this.heartbeatTimer);
    this.health.set(this.component, false, reason);
  }

  private report(): void {
    const [reason] = this.blockedPartitions.values();
    this.health.set(this.component, reason === undefined, reason);
  }
}

/** Identifies a partition in a map and in a message to an operator. */
export const partitionKey = (topic: string, partition: number) => `${topic}/${partition}`;
