/** The workers that a projector process can run; each could have a process, and a deployment, of its own. */
export const WORKERS = [
  'members',
  'inbox',
  'archive',
  'sent',
  'connections',
  'account-restriction',
  'record-connections',
  'reminders',
  'publisher',
] as const;

export type WorkerName = (typeof WORKERS)[number];

/** Something that runs until it is stopped. */
export interface Worker {
  start(): Promise<void> | void;
  /** Finishes what is under way. */
  stop(): Promise<void>;
}
