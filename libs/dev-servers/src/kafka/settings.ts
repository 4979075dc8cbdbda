/** What the development broker is started with. */
export interface KafkaSettings {
  /** Where it keeps its state; made when missing. One process at a time. */
  readonly dataDir: string;
  /** The preferred port on 127.0.0.1; a free one is taken when it is busy or none is given. */
  readonly port?: number;
  /** How long an empty group waits for further members before its first rebalance, in milliseconds. Default 0. */
  readonly groupInitialRebalanceDelayMs?: number;
  /** The shortest session that a member may ask for, in milliseconds. Default 6000, as a real broker's. */
  readonly groupMinSessionTimeoutMs?: number;
}

export interface KafkaAddresses {
  /** `host:port`, what a client takes as its list of bootstrap brokers. */
  readonly brokers: string;
}
