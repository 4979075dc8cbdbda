import { randomUUID } from 'node:crypto';
import type { Peer } from '../protocol/api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import {
  commonProtocols,
  DelayedResponse,
  electProtocol,
  joinError,
  type JoinRequest,
  type JoinResponse,
  type Member,
  NO_ASSIGNMENT,
  sameProtocols,
  syncError,
  type SyncResponse,
} from './member.js';
import { PendingMembers } from './pending-members.js';

export type GroupState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable';

/** Kafka's defaults: group.min.session.timeout.ms and group.max.session.timeout.ms. */
const MIN_SESSION_TIMEOUT_MS = 6_000;
const MAX_SESSION_TIMEOUT_MS = 1_800_000;
const MAX_MEMBERS = 1_000;

/**
 * One group under the classic protocol (JoinGroup, SyncGroup). The file exceeds 300 lines because it is one state machine:
 *
 * Empty → PreparingRebalance (members join) → CompletingRebalance (the leader assigns partitions) → Stable. A member that joins,
 * leaves or changes its protocols leads back to PreparingRebalance.
 *
 * The state is in memory only: after a restart of the broker the members are unknown and join again. A static member
 * (group.instance.id) that returns with a new id replaces its former self by a rebalance; a real broker needs none.
 */
export class Group {
  private phase: GroupState = 'Empty';
  private generation = 0;
  private leader = '';
  private type = '';
  private protocol = '';
  private readonly members = new Map<string, Member>();
  private readonly pending = new PendingMembers(() => this.onPendingExpired());
  /** Ends the present phase: a rebalance does not wait for a member for ever. */
  private deadline: NodeJS.Timeout | undefined;
  private isInitialDelay = false;

  /**
   * @param initialRebalanceDelayMs how long an empty group waits for more members before its first rebalance
   * @param onEmpty called when the group has neither members nor pending members
   */
  constructor(
    private readonly initialRebalanceDelayMs: number,
    private readonly onEmpty: () => void,
    private readonly minSessionTimeoutMs = MIN_SESSION_TIMEOUT_MS,
  ) {}

  get state(): GroupState {
    return this.phase;
  }

  describe() {
    const members = [...this.members.values()].map((member) => ({
      id: member.id,
      clientId: member.clientId,
      host: member.host,
      metadata: this.metadataOf(member),
      assignment: member.assignment,
    }));
    return { state: this.phase, protocolType: this.type, protocol: this.protocol, members };
  }

  join(request: JoinRequest, peer: Peer): Promise<JoinResponse> | JoinResponse {
    const known = this.members.get(request.memberId);
    const error = this.validateJoin(request, known);
    if (error !== undefined) return this.rejectJoin(error, request.memberId);
    if (known) return this.rejoin(known, request, peer);
    if (request.memberId === '' && request.requiresKnownMemberId && request.instanceId === null) {
      const memberId = newMemberId(request.clientId);
      this.pending.add(memberId, request.sessionTimeoutMs, peer);
      return joinError(ErrorCode.MEMBER_ID_REQUIRED, memberId);
    }
    if (request.memberId !== '' && !this.pending.remove(request.memberId)) {
      return this.rejectJoin(ErrorCode.UNKNOWN_MEMBER_ID, request.memberId);
    }
    return this.addMember(request, peer);
  }

  sync(
    memberId: string,
    generation: number,
    assignments: ReadonlyMap<string, Buffer>,
    peer: Peer,
  ): Promise<SyncResponse> | SyncResponse {
    const error = this.validateMember(memberId, generation);
    if (error !== undefined) return syncError(error);
    const member = this.members.get(memberId)!;
    this.restartSession(member);
    if (this.phase === 'PreparingRebalance') return syncError(ErrorCode.REBALANCE_IN_PROGRESS);
    if (this.phase === 'CompletingRebalance') {
      if (memberId !== this.leader) return this.awaitSync(member, peer);
      this.assign(assignments);
    }
    return { error: ErrorCode.NONE, assignment: member.assignment };
  }

  heartbeat(memberId: string, generation: number): ErrorCode {
    const error = this.validateMember(memberId, generation);
    if (error !== undefined) return error;
    this.restartSession(this.members.get(memberId)!);
    return this.phase === 'PreparingRebalance' ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE;
  }

  leave(memberId: string, instanceId: string | null): ErrorCode {
    if (this.pending.remove(memberId)) {
      this.onPendingExpired();
      return ErrorCode.NONE;
    }
    const member = this.members.get(memberId) ?? this.findByInstanceId(instanceId);
    if (!member) return ErrorCode.UNKNOWN_MEMBER_ID;
    this.remove(member);
    return ErrorCode.NONE;
  }

  /** @returns why this member may not commit offsets. It may while others join, with the generation that is about to end. */
  validateCommit(memberId: string, generation: number): ErrorCode | undefined {
    // Without a generation the caller is a tool, which may commit for a group without members.
    if (generation < 0 && this.members.size === 0) return undefined;
    const error = this.validateMember(memberId, generation);
    if (error !== undefined) return error;
    if (this.phase === 'CompletingRebalance') return ErrorCode.REBALANCE_IN_PROGRESS;
    this.restartSession(this.members.get(memberId)!);
    return undefined;
  }

  private validateJoin(request: JoinRequest, known: Member | undefined): ErrorCode | undefined {
    const { sessionTimeoutMs, protocols, protocolType } = request;
    if (sessionTimeoutMs < this.minSessionTimeoutMs || sessionTimeoutMs > MAX_SESSION_TIMEOUT_MS) {
      return ErrorCode.INVALID_SESSION_TIMEOUT;
    }
    if (protocols.length === 0 || protocolType === '') return ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
    if (!known && this.members.size >= MAX_MEMBERS) return ErrorCode.GROUP_MAX_SIZE_REACHED;
    if (this.members.size === 0) return undefined;
    const common = commonProtocols(this.members.values());
    const isCompatible = protocolType === this.type && protocols.some(({ name }) => common.has(name));
    return isCompatible ? undefined : ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
  }

  private rejectJoin(error: ErrorCode, memberId: string): JoinResponse {
    this.checkEmpty();
    return joinError(error, memberId);
  }

  private addMember(request: JoinRequest, peer: Peer): Promise<JoinResponse> {
    const former = this.findByInstanceId(request.instanceId);
    const { instanceId, clientId, sessionTimeoutMs, rebalanceTimeoutMs, protocols } = request;
    const member: Member = {
      id: request.memberId || newMemberId(clientId),
      instanceId,
      clientId,
      host: peer.host,
      sessionTimeoutMs,
      rebalanceTimeoutMs,
      protocols,
      assignment: NO_ASSIGNMENT,
    };
    this.members.set(member.id, member);
    this.type = request.protocolType;
    const response = this.awaitJoin(member, peer);
    if (former) this.remove(former);
    else this.prepareRebalance();
    return response;
  }

  private rejoin(member: Member, request: JoinRequest, peer: Peer): Promise<JoinResponse> | JoinResponse {
    const isUnchanged = sameProtocols(member.protocols, request.protocols);
    member.sessionTimeoutMs = request.sessionTimeoutMs;
    member.rebalanceTimeoutMs = request.rebalanceTimeoutMs;
    const missedResponse =
      this.phase === 'CompletingRebalance' || (this.phase === 'Stable' && member.id !== this.leader);
    if (isUnchanged && missedResponse) {
      this.restartSession(member);
      return this.joinResponse(member);
    }
    member.protocols = request.protocols;
    const response = this.awaitJoin(member, peer);
    this.prepareRebalance();
    return response;
  }

  /** A member that waits counts as alive. When its connection closes, its session timeout starts. */
  private awaitJoin(member: Member, peer: Peer): Promise<JoinResponse> {
    member.joining?.complete(joinError(ErrorCode.REBALANCE_IN_PROGRESS, member.id));
    clearTimeout(member.sessionTimer);
    const delayed = new DelayedResponse(
      peer.closed,
      joinError(ErrorCode.UNKNOWN_MEMBER_ID, member.id),
      () => {
        if (member.joining !== delayed) return;
        member.joining = undefined;
        this.restartSession(member);
      },
    );
    member.joining = delayed;
    return delayed.response;
  }

  private awaitSync(member: Member, peer: Peer): Promise<SyncResponse> {
    member.syncing?.complete(syncError(ErrorCode.REBALANCE_IN_PROGRESS));
    clearTimeout(member.sessionTimer);
    const delayed = new DelayedResponse(peer.closed, syncError(ErrorCode.UNKNOWN_MEMBER_ID), () => {
      if (member.syncing !== delayed) return;
      member.syncing = undefined;
      this.restartSession(member);
    });
    member.syncing = delayed;
    return delayed.response;
  }

  private prepareRebalance(): void {
    if (this.phase === 'PreparingRebalance') return this.completeJoinIfPossible();
    this.isInitialDelay = this.phase === 'Empty' && this.initialRebalanceDelayMs > 0;
    this.phase = 'PreparingRebalance';
    for (const member of this.members.values()) {
      if (!member.syncing) continue;
      member.syncing.complete(syncError(ErrorCode.REBALANCE_IN_PROGRESS));
      member.syncing = undefined;
      this.restartSession(member);
    }
    const maxWaitMs = this.isInitialDelay ? this.initialRebalanceDelayMs : this.maxRebalanceTimeoutMs();
    this.setDeadline(maxWaitMs, () => this.completeJoin());
    this.completeJoinIfPossible();
  }

  private completeJoinIfPossible(): void {
    if (this.phase !== 'PreparingRebalance' || this.isInitialDelay || this.pending.size > 0) return;
    if ([...this.members.values()].every(({ joining }) => joining)) this.completeJoin();
  }

  private completeJoin(): void {
    clearTimeout(this.deadline);
    this.isInitialDelay = false;
    for (const member of this.members.values()) if (!member.joining) this.evict(member);
    this.generation++;
    if (this.members.size === 0) return this.becomeEmpty();
    const members = [...this.members.values()];
    this.protocol = electProtocol(members);
    if (!this.members.has(this.leader)) this.leader = members[0]!.id;
    this.phase = 'CompletingRebalance';
    this.setDeadline(this.maxRebalanceTimeoutMs(), () => this.removeUnsyncedMembers());
    for (const member of members) {
      member.joining!.complete(this.joinResponse(member));
      member.joining = undefined;
      this.restartSession(member);
    }
  }

  private assign(assignments: ReadonlyMap<string, Buffer>): void {
    clearTimeout(this.deadline);
    this.phase = 'Stable';
    for (const member of this.members.values()) {
      member.assignment = assignments.get(member.id) ?? NO_ASSIGNMENT;
      if (!member.syncing) continue;
      member.syncing.complete({ error: ErrorCode.NONE, assignment: member.assignment });
      member.syncing = undefined;
      this.restartSession(member);
    }
  }

  private removeUnsyncedMembers(): void {
    for (const member of this.members.values()) if (!member.syncing) this.evict(member);
    this.prepareRebalance();
  }

  private remove(member: Member): void {
    this.evict(member);
    this.prepareRebalance();
  }

  private evict(member: Member): void {
    clearTimeout(member.sessionTimer);
    this.members.delete(member.id);
    member.joining?.complete(joinError(ErrorCode.UNKNOWN_MEMBER_ID, member.id));
    member.syncing?.complete(syncError(ErrorCode.UNKNOWN_MEMBER_ID));
  }

  private becomeEmpty(): void {
    this.phase = 'Empty';
    this.leader = '';
    this.protocol = '';
    this.checkEmpty();
  }

  private onPendingExpired(): void {
    this.completeJoinIfPossible();
    this.checkEmpty();
  }

  private checkEmpty(): void {
    if (this.phase === 'Empty' && this.pending.size === 0) this.onEmpty();
  }

  private restartSession(member: Member): void {
    clearTimeout(member.sessionTimer);
    member.sessionTimer = setTimeout(() => this.remove(member), member.sessionTimeoutMs);
  }

  private setDeadline(ms: number, end: () => void): void {
    clearTimeout(this.deadline);
    this.deadline = setTimeout(end, ms);
  }

  private maxRebalanceTimeoutMs(): number {
    return Math.max(0, ...[...this.members.values()].map(({ rebalanceTimeoutMs }) => rebalanceTimeoutMs));
  }

  private findByInstanceId(instanceId: string | null): Member | undefined {
    if (instanceId === null) return undefined;
    return [...this.members.values()].find((member) => member.instanceId === instanceId);
  }

  private validateMember(memberId: string, generation: number): ErrorCode | undefined {
    if (!this.members.has(memberId)) return ErrorCode.UNKNOWN_MEMBER_ID;
    return generation === this.generation ? undefined : ErrorCode.ILLEGAL_GENERATION;
  }

  private joinResponse(member: Member): JoinResponse {
    const { generation, protocol, leader } = this;
    const visible = member.id === leader ? [...this.members.values()] : [];
    const members = visible.map((other) => ({
      id: other.id,
      instanceId: other.instanceId,
      metadata: this.metadataOf(other),
    }));
    return { error: ErrorCode.NONE, generation, protocol, leader, memberId: member.id, members };
  }

  private metadataOf(member: Member): Buffer {
    return member.protocols.find(({ name }) => name === this.protocol)?.metadata ?? NO_ASSIGNMENT;
  }
}

function newMemberId(clientId: string): string {
  return `${clientId}-${randomUUID()}`;
}
