/** The workers that a projector process can run. Each can have a process, and a deployment, of its own. */
export const WORKERS = [
  'members',
  'inbox',
  'archive',
  'sent',
  'connections',
  'account-restriction',
  'account-state',
  'record-connections',
  'reminders',
  'publisher',
] as const;

export type WorkerName = (typeof WORKERS)[number];

/** The token of the workers that the configuration names. */
export const SELECTED_WORKERS = Symbol('selected workers');

/** Runs until it is stopped. */
export interface Worker {
  start(): Promise<void> | void;
  /** Finishes the work in progress. */
  stop(): Promise<void>;
}

/** Combines workers that run only together into one. */
export const composeWorkers = (...workers: readonly Worker[]): Worker => ({
  async start() {
    await Promise.all(workers.map(async (worker) => worker.start()));
  },
  async stop() {
    await Promise.all(workers.map((worker) => worker.stop()));
  },
});
