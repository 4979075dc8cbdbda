import type { Reader, Writer } from './primitives.js';

/** The connection of a request. */
export interface Peer {
  readonly host: string;
  /** Aborts when the connection closes. */
  readonly closed: AbortSignal;
  /** Member ids that were sent on this connection and that no join has used yet. */
  pendingMembers: number;
}

export interface Request {
  readonly version: number;
  readonly clientId: string;
  readonly body: Reader;
  readonly peer: Peer;
}

/** One kind of request. `handle` reads the whole request before it changes anything. */
export interface Api {
  /** The API's number in the protocol. */
  readonly key: number;
  /** Served versions: from Kafka 4's lowest (KIP-896) up to those of kafkajs 2.2.4, or a little higher; none has tagged fields. */
  readonly versions: readonly [lowest: number, highest: number];
  /** The lowest version that clients are told, where they derive features from it. */
  readonly advertisedFrom?: number;
  handle(request: Request, response: Writer): void | Promise<void>;
}
