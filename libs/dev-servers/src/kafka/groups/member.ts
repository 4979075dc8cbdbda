import type { ErrorCode } from '../protocol/error-codes.js';

/** An assignment strategy that a member supports, with its subscription in the form of that strategy. */
export interface GroupProtocol {
  readonly name: string;
  readonly metadata: Buffer;
}

export interface JoinRequest {
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly clientId: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly protocolType: string;
  readonly protocols: readonly GroupProtocol[];
  /** Whether a new member is first sent its id and must join again with it (KIP-394). */
  readonly requiresKnownMemberId: boolean;
}

export interface JoinResponse {
  readonly error: ErrorCode;
  readonly generation: number;
  readonly protocol: string;
  readonly leader: string;
  readonly memberId: string;
  /** All members for the leader, none for the others. */
  readonly members: readonly { id: string; instanceId: string | null; metadata: Buffer }[];
}

export interface SyncResponse {
  readonly error: ErrorCode;
  readonly assignment: Buffer;
}

export interface Member {
  readonly id: string;
  readonly instanceId: string | null;
  readonly clientId: string;
  readonly host: string;
  sessionTimeoutMs: number;
  rebalanceTimeoutMs: number;
  protocols: readonly GroupProtocol[];
  assignment: Buffer;
  /** The response to its JoinGroup, while the group waits for other members. */
  joining?: DelayedResponse<JoinResponse> | undefined;
  /** The response to its SyncGroup, while the group waits for its leader. */
  syncing?: DelayedResponse<SyncResponse> | undefined;
  sessionTimer?: NodeJS.Timeout;
}

export const NO_ASSIGNMENT = Buffer.alloc(0);

export function joinError(error: ErrorCode, memberId: string): JoinResponse {
  return { error, generation: -1, protocol: '', leader: '', memberId, members: [] };
}

export function syncError(error: ErrorCode): SyncResponse {
  return { error, assignment: NO_ASSIGNMENT };
}

/** The names of the protocols that all members support. */
export function commonProtocols(members: Iterable<Member>): ReadonlySet<string> {
  let common: ReadonlySet<string> | undefined;
  for (const { protocols } of members) {
    const supported = protocols.map(({ name }) => name);
    common = new Set(supported.filter((name) => !common || common.has(name)));
  }
  return common ?? new Set();
}

/** Each member votes for the first of its protocols that all members support. */
export function electProtocol(members: readonly Member[]): string {
  const common = commonProtocols(members);
  const votes = new Map<string, number>();
  for (const { protocols } of members) {
    const vote = protocols.find(({ name }) => common.has(name))!.name;
    votes.set(vote, (votes.get(vote) ?? 0) + 1);
  }
  return [...votes].toSorted(([, a], [, b]) => b - a)[0]![0];
}

export function sameProtocols(a: readonly GroupProtocol[], b: readonly GroupProtocol[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ name, metadata }, i) => name === b[i]!.name && metadata.equals(b[i]!.metadata))
  );
}

/** A response that is delayed until the group can give it or the connection closes. Kafka keeps these in a purgatory. */
export class DelayedResponse<Response> {
  readonly response: Promise<Response>;
  readonly complete: (response: Response) => void;

  /**
   * @param ifClosed completes the response when the connection closes; nobody reads it
   * @param onClosed called when the connection closes before the response is complete
   */
  constructor(closed: AbortSignal, ifClosed: Response, onClosed: () => void) {
    const { promise, resolve } = Promise.withResolvers<Response>();
    const abandon = () => {
      onClosed();
      resolve(ifClosed);
    };
    this.response = promise;
    this.complete = (response) => {
      closed.removeEventListener('abort', abandon);
      resolve(response);
    };
    closed.addEventListener('abort', abandon, { once: true });
  }
}
