import type { Child } from '../support/child.js';

/** An app that is measured with one replica and with several. */
export interface ScaledApp {
  readonly name: string;
  /** What is counted. */
  readonly unit: 'commands' | 'events' | 'mails';
  /** The share of one core that each replica gets, so small that the servers keep most of the machine. */
  readonly cores: number;
  /** Work of one replica in a run. */
  readonly count: number;
  start(replicas: number): readonly Child[];
  /** Waits until every replica has the same share of the work. */
  untilShared(replicas: number): Promise<void>;
  /** Writes work that is spread evenly. `run` names it, so that each run has accounts or members of its own. */
  give(run: number, count: number): Promise<void>;
  /** Waits until all work that was given is done, and its effects are durable. */
  untilDone(): Promise<void>;
  stop(): Promise<void>;
}

export const replicasOf = (replicas: number, start: () => Child): readonly Child[] =>
  Array.from({ length: replicas }, start);
