import type { Reader } from './reader.js';
import type { Writer } from './writer.js';

/** The connection that a request came by. */
export interface Peer {
  readonly host: string;
  /** Aborts when the connection is gone. */
  readonly closed: AbortSignal;
  /** Member ids handed out by this connection that no join has used yet. */
  pendingMembers: number;
}

export interface Request {
  readonly version: number;
  readonly clientId: string;
  readonly body: Reader;
  readonly peer: Peer;
}

/** One kind of request. Its `answer` reads the whole request before it changes anything. */
export interface Api {
  /** Its number in the protocol. */
  readonly key: number;
  /** Served versions: from Kafka 4's floor (KIP-896) up to what kafkajs 2.2.4 speaks; none has tagged fields. */
  readonly versions: readonly [lowest: number, highest: number];
  /** What clients are told in place of the lowest version, where they draw conclusions from it. */
  readonly claimsFrom?: number;
  answer(request: Request, reply: Writer): void | Promise<void>;
}
