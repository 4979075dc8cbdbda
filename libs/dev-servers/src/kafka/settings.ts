/** What the development broker is started with. */
export interface KafkaSettings {
  /** Where it keeps its state; made when missing. One process at a time. */
  readonly dataDir: string;
  /** The preferred port on 127.0.0.1; a free one is taken when it is busy or none is given. */
  readonly port?: number;
  /** How long an empty group waits for further members before its first rebalance, in milliseconds. Default 0. */
  readonly groupInitialRebalanceDelayMs?: number;
}

export interface KafkaAddresses {
  /** `host:port`, what a client takes as its list of bootstrap brokers. */
  readonly brokers: string;
}
