import type { ErrorCode } from '../protocol/error-codes.js';
import type { Parked } from './parked.js';

/** A way to assign partitions that a member offers, and what it tells the others under it. */
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
  /** Whether a newcomer must come back with the id that it is given (KIP-394). */
  readonly mustReturn: boolean;
}

export interface JoinOutcome {
  readonly error: ErrorCode;
  readonly generation: number;
  readonly protocol: string;
  readonly leader: string;
  readonly memberId: string;
  /** Everyone, for the leader; nobody, for the others. */
  readonly members: readonly { id: string; instanceId: string | null; metadata: Buffer }[];
}

export interface SyncOutcome {
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
  /** Its JoinGroup, while that waits for the others. */
  joining?: Parked<JoinOutcome> | undefined;
  /** Its SyncGroup, while that waits for the leader. */
  syncing?: Parked<SyncOutcome> | undefined;
  session?: NodeJS.Timeout;
}

export const NO_ASSIGNMENT = Buffer.alloc(0);

export function refusedJoin(error: ErrorCode, memberId: string): JoinOutcome {
  return { error, generation: -1, protocol: '', leader: '', memberId, members: [] };
}

export function refusedSync(error: ErrorCode): SyncOutcome {
  return { error, assignment: NO_ASSIGNMENT };
}
