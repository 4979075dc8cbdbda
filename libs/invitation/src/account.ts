import type { CommandId, Instant, InvitationId, MemberId } from './ids.js';

/** All that a member may or may not do as an inviter is decided from this, the fold of the account's one stream. */
export interface Account {
  /** Invitations ever sent. Nothing gives one back (R35). */
  sent: number;
  restricted: boolean;
  /** Recipients who declined since the account was opened or its restriction lifted (R26, R27, D7). */
  readonly declinedBy: Set<MemberId>;
  readonly relations: Map<MemberId, Relation>;
  readonly invitations: Map<InvitationId, Invitation>;
  /** Commands that this stream has carried out (D10). */
  readonly carriedOut: Set<CommandId>;
}

/** How the account stands with one other member. */
export interface Relation {
  readonly connected: boolean;
  /** The member declined; no invitation to them ever again (R25). */
  readonly barred: boolean;
  /** An invitation was withdrawn; the next needs the member's e-mail address (R34). */
  readonly emailRequired: boolean;
  /**
   * The invitation to this member that is open for all that the inviter can know; at most one. A declined one stays
   * here: whatever closes an ignored one in the inviter's sight must close a declined one, too (D1).
   */
  readonly open?: InvitationId;
  readonly lastSentAt?: Instant;
}

/** An invitation by its status. Untouched, replied and ignored ones are open: the recipient can accept. */
export type Invitation = Untouched | Touched;

/** Only this one is reminded of. */
export interface Untouched {
  readonly status: 'untouched';
  readonly recipientId: MemberId;
  readonly sentAt: Instant;
  /** Ordinal of the last reminder; 0 before the first. */
  readonly reminded: number;
}

export interface Touched {
  /** A superseded one was replaced by a follow-up, or made pointless by a connection the other way round. */
  readonly status: 'replied' | 'ignored' | 'accepted' | 'declined' | 'withdrawn' | 'superseded';
  readonly recipientId: MemberId;
}

const STRANGER: Relation = { connected: false, barred: false, emailRequired: false };

/** An account that nothing has happened to. */
export function openAccount(): Account {
  return {
    sent: 0,
    restricted: false,
    declinedBy: new Set(),
    relations: new Map(),
    invitations: new Map(),
    carriedOut: new Set(),
  };
}

export function relationWith(account: Account, member: MemberId): Relation {
  return account.relations.get(member) ?? STRANGER;
}
