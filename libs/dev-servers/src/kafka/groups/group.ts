import { randomUUID } from 'node:crypto';
import type { Peer } from '../protocol/api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import {
  type JoinOutcome,
  type JoinRequest,
  type Member,
  NO_ASSIGNMENT,
  refusedJoin,
  refusedSync,
  type SyncOutcome,
} from './member.js';
import { Parked } from './parked.js';
import { PendingMembers } from './pending-members.js';
import { commonProtocols, electProtocol, sameProtocols } from './protocols.js';

export type GroupState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable';

/** Kafka's defaults: group.min.session.timeout.ms and group.max.session.timeout.ms. */
const SHORTEST_SESSION_MS = 6_000;
const LONGEST_SESSION_MS = 1_800_000;
const MAX_MEMBERS = 1_000;

/**
 * One group under the classic protocol (JoinGroup, SyncGroup), a state machine in one piece and therefore in one file:
 *
 * Empty → PreparingRebalance, joins are collected → CompletingRebalance, the leader assigns → Stable; a member that
 * comes, goes or changes leads back to PreparingRebalance.
 *
 * All of it is in memory: after a restart of the broker its members find themselves unknown and join again. A static
 * member (group.instance.id) that returns under a new id takes the place of its former self by a rebalance, where a real
 * broker needs none.
 */
export class Group {
  private phase: GroupState = 'Empty';
  private generation = 0;
  private leader = '';
  private type = '';
  private protocol = '';
  private readonly members = new Map<string, Member>();
  private readonly pending = new PendingMembers(() => this.pendingChanged());
  /** When this phase must end: a rebalance does not wait for ever for a member. */
  private deadline: NodeJS.Timeout | undefined;
  private collecting = false;

  /**
   * @param firstRebalanceDelayMs how long an empty group waits for further members
   * @param onAbandoned called when nobody is left
   */
  constructor(
    private readonly firstRebalanceDelayMs: number,
    private readonly onAbandoned: () => void,
    private readonly shortestSessionMs = SHORTEST_SESSION_MS,
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

  join(request: JoinRequest, peer: Peer): Promise<JoinOutcome> | JoinOutcome {
    const known = this.members.get(request.memberId);
    const refusal = this.refusalToJoin(request, known);
    if (refusal !== undefined) return this.notJoined(refusal, request.memberId);
    if (known) return this.rejoin(known, request, peer);
    if (request.memberId === '' && request.mustReturn && request.instanceId === null) {
      const memberId = newMemberId(request.clientId);
      this.pending.add(memberId, request.sessionTimeoutMs, peer);
      return refusedJoin(ErrorCode.MEMBER_ID_REQUIRED, memberId);
    }
    if (request.memberId !== '' && !this.pending.take(request.memberId)) {
      return this.notJoined(ErrorCode.UNKNOWN_MEMBER_ID, request.memberId);
    }
    return this.enrol(request, peer);
  }

  sync(
    memberId: string,
    generation: number,
    assignments: ReadonlyMap<string, Buffer>,
    peer: Peer,
  ): Promise<SyncOutcome> | SyncOutcome {
    const error = this.refusalOf(memberId, generation);
    if (error !== undefined) return refusedSync(error);
    const member = this.members.get(memberId)!;
    this.keepAlive(member);
    if (this.phase === 'PreparingRebalance') return refusedSync(ErrorCode.REBALANCE_IN_PROGRESS);
    if (this.phase === 'CompletingRebalance') {
      if (memberId !== this.leader) return this.awaitSync(member, peer);
      this.assign(assignments);
    }
    return { error: ErrorCode.NONE, assignment: member.assignment };
  }

  heartbeat(memberId: string, generation: number): ErrorCode {
    const error = this.refusalOf(memberId, generation);
    if (error !== undefined) return error;
    this.keepAlive(this.members.get(memberId)!);
    return this.phase === 'PreparingRebalance' ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE;
  }

  leave(memberId: string, instanceId: string | null): ErrorCode {
    if (this.pending.take(memberId)) {
      this.pendingChanged();
      return ErrorCode.NONE;
    }
    const member = this.members.get(memberId) ?? this.memberOfInstance(instanceId);
    if (!member) return ErrorCode.UNKNOWN_MEMBER_ID;
    this.remove(member);
    return ErrorCode.NONE;
  }

  /** May this member commit offsets? It may while others join, with the generation that is about to end. */
  refusalToCommit(memberId: string, generation: number): ErrorCode | undefined {
    // Without a generation the caller is no member but a tool, which may commit for a group that nobody is in.
    if (generation < 0 && this.members.size === 0) return undefined;
    const error = this.refusalOf(memberId, generation);
    if (error !== undefined) return error;
    if (this.phase === 'CompletingRebalance') return ErrorCode.REBALANCE_IN_PROGRESS;
    this.keepAlive(this.members.get(memberId)!);
    return undefined;
  }

  private refusalToJoin(request: JoinRequest, known: Member | undefined): ErrorCode | undefined {
    const { sessionTimeoutMs, protocols, protocolType } = request;
    if (sessionTimeoutMs < this.shortestSessionMs || sessionTimeoutMs > LONGEST_SESSION_MS) {
      return ErrorCode.INVALID_SESSION_TIMEOUT;
    }
    if (protocols.length === 0 || protocolType === '') return ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
    if (!known && this.members.size >= MAX_MEMBERS) return ErrorCode.GROUP_MAX_SIZE_REACHED;
    if (this.members.size === 0) return undefined;
    const common = commonProtocols(this.members.values());
    const fits = protocolType === this.type && protocols.some(({ name }) => common.has(name));
    return fits ? undefined : ErrorCode.INCONSISTENT_GROUP_PROTOCOL;
  }

  private notJoined(error: ErrorCode, memberId: string): JoinOutcome {
    this.checkAbandoned();
    return refusedJoin(error, memberId);
  }

  private enrol(request: JoinRequest, peer: Peer): Promise<JoinOutcome> {
    const former = this.memberOfInstance(request.instanceId);
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
    const outcome = this.awaitJoin(member, peer);
    if (former) this.remove(former);
    else this.rebalanceOrGoOn();
    return outcome;
  }

  private rejoin(member: Member, request: JoinRequest, peer: Peer): Promise<JoinOutcome> | JoinOutcome {
    const isUnchanged = sameProtocols(member.protocols, request.protocols);
    member.sessionTimeoutMs = request.sessionTimeoutMs;
    member.rebalanceTimeoutMs = request.rebalanceTimeoutMs;
    const missedTheReply =
      this.phase === 'CompletingRebalance' || (this.phase === 'Stable' && member.id !== this.leader);
    if (isUnchanged && missedTheReply) {
      this.keepAlive(member);
      return this.joined(member);
    }
    member.protocols = request.protocols;
    const outcome = this.awaitJoin(member, peer);
    this.rebalanceOrGoOn();
    return outcome;
  }

  /** While it waits a member counts as alive; when its connection goes it has its session timeout to return. */
  private awaitJoin(member: Member, peer: Peer): Promise<JoinOutcome> {
    member.joining?.answer(refusedJoin(ErrorCode.REBALANCE_IN_PROGRESS, member.id));
    clearTimeout(member.session);
    const parked = new Parked(peer.closed, refusedJoin(ErrorCode.UNKNOWN_MEMBER_ID, member.id), () => {
      if (member.joining !== parked) return;
      member.joining = undefined;
      this.keepAlive(member);
    });
    member.joining = parked;
    return parked.outcome;
  }

  private awaitSync(member: Member, peer: Peer): Promise<SyncOutcome> {
    member.syncing?.answer(refusedSync(ErrorCode.REBALANCE_IN_PROGRESS));
    clearTimeout(member.session);
    const parked = new Parked(peer.closed, refusedSync(ErrorCode.UNKNOWN_MEMBER_ID), () => {
      if (member.syncing !== parked) return;
      member.syncing = undefined;
      this.keepAlive(member);
    });
    member.syncing = parked;
    return parked.outcome;
  }

  private rebalanceOrGoOn(): void {
    if (this.phase === 'PreparingRebalance') return this.completeIfAllJoined();
    this.collecting = this.phase === 'Empty' && this.firstRebalanceDelayMs > 0;
    this.phase = 'PreparingRebalance';
    for (const member of this.members.values()) {
      if (!member.syncing) continue;
      member.syncing.answer(refusedSync(ErrorCode.REBALANCE_IN_PROGRESS));
      member.syncing = undefined;
      this.keepAlive(member);
    }
    const longestWait = this.collecting ? this.firstRebalanceDelayMs : this.longestRebalanceTimeout();
    this.endPhaseAfter(longestWait, () => this.complete());
    this.completeIfAllJoined();
  }

  private completeIfAllJoined(): void {
    if (this.phase !== 'PreparingRebalance' || this.collecting || this.pending.size > 0) return;
    if ([...this.members.values()].every(({ joining }) => joining)) this.complete();
  }

  private complete(): void {
    clearTimeout(this.deadline);
    this.collecting = false;
    for (const member of this.members.values()) if (!member.joining) this.forget(member);
    this.generation++;
    if (this.members.size === 0) return this.becomeEmpty();
    const members = [...this.members.values()];
    this.protocol = electProtocol(members);
    if (!this.members.has(this.leader)) this.leader = members[0]!.id;
    this.phase = 'CompletingRebalance';
    this.endPhaseAfter(this.longestRebalanceTimeout(), () => this.dropWhoDidNotSync());
    for (const member of members) {
      member.joining!.answer(this.joined(member));
      member.joining = undefined;
      this.keepAlive(member);
    }
  }

  private assign(assignments: ReadonlyMap<string, Buffer>): void {
    clearTimeout(this.deadline);
    this.phase = 'Stable';
    for (const member of this.members.values()) {
      member.assignment = assignments.get(member.id) ?? NO_ASSIGNMENT;
      if (!member.syncing) continue;
      member.syncing.answer({ error: ErrorCode.NONE, assignment: member.assignment });
      member.syncing = undefined;
      this.keepAlive(member);
    }
  }

  private dropWhoDidNotSync(): void {
    for (const member of this.members.values()) if (!member.syncing) this.forget(member);
    this.rebalanceOrGoOn();
  }

  private remove(member: Member): void {
    this.forget(member);
    this.rebalanceOrGoOn();
  }

  private forget(member: Member): void {
    clearTimeout(member.session);
    this.members.delete(member.id);
    member.joining?.answer(refusedJoin(ErrorCode.UNKNOWN_MEMBER_ID, member.id));
    member.syncing?.answer(refusedSync(ErrorCode.UNKNOWN_MEMBER_ID));
  }

  private becomeEmpty(): void {
    this.phase = 'Empty';
    this.leader = '';
    this.protocol = '';
    this.checkAbandoned();
  }

  private pendingChanged(): void {
    this.completeIfAllJoined();
    this.checkAbandoned();
  }

  private checkAbandoned(): void {
    if (this.phase === 'Empty' && this.pending.size === 0) this.onAbandoned();
  }

  private keepAlive(member: Member): void {
    clearTimeout(member.session);
    member.session = setTimeout(() => this.remove(member), member.sessionTimeoutMs);
  }

  private endPhaseAfter(ms: number, end: () => void): void {
    clearTimeout(this.deadline);
    this.deadline = setTimeout(end, ms);
  }

  private longestRebalanceTimeout(): number {
    return Math.max(0, ...[...this.members.values()].map(({ rebalanceTimeoutMs }) => rebalanceTimeoutMs));
  }

  private memberOfInstance(instanceId: string | null): Member | undefined {
    if (instanceId === null) return undefined;
    return [...this.members.values()].find((member) => member.instanceId === instanceId);
  }

  private refusalOf(memberId: string, generation: number): ErrorCode | undefined {
    if (!this.members.has(memberId)) return ErrorCode.UNKNOWN_MEMBER_ID;
    return generation === this.generation ? undefined : ErrorCode.ILLEGAL_GENERATION;
  }

  private joined(member: Member): JoinOutcome {
    const { generation, protocol, leader } = this;
    const seen = member.id === leader ? [...this.members.values()] : [];
    const members = seen.map((other) => ({
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
