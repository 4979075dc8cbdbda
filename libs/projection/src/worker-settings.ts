export interface WorkerSettings {
  readonly projection: string;
  /** Another one with each start of a process. */
  readonly replica: string;
  /** The generation to work on; without it, always the one that is shown. */
  readonly generation?: number;
  /** A replica that was not heard of for this long is taken for dead, in milliseconds. */
  readonly leaseTtlMs: number;
  readonly beatMs: number;
  /** A subscription that is quiet for this long is looked after, in milliseconds. */
  readonly quietMs: number;
  readonly batchEvents: number;
  readonly batchMs: number;
}

export const WORKER_DEFAULTS = {
  leaseTtlMs: 5_000,
  beatMs: 1_000,
  quietMs: 3_000,
  batchEvents: 2_000,
  batchMs: 20,
} as const;
