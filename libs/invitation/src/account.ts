import type { CommandId, Instant, InvitationId, MemberId } from './ids.js';

/** The state of one member as an inviter, folded from the account's one stream. Every command is decided from it. */
export interface Account {
  /** How many invitations were ever sent. It never decreases (R35). */
  sent: number;
  restricted: boolean;
  /** Recipients who declined since the account was opened or its restriction was lifted (R26, R27, D7). */
  readonly declinedBy: Set<MemberId>;
  readonly relations: Map<MemberId, Relation>;
  readonly invitations: Map<InvitationId, Invitation>;
  /** Commands that this stream has processed (D10). */
  readonly processedCommandIds: Set<CommandId>;
}

/** The account's relation to one other member. */
export interface Relation {
  readonly connected: boolean;
  /** The member declined: no invitation to them is ever accepted again (R25). */
  readonly blocked: boolean;
  /** An invitation was withdrawn: the next one needs the member's e-mail address (R34). */
  readonly emailRequired: boolean;
  /**
   * The one invitation to this member that is open as far as the inviter can know. A declined one stays here: an event that
   * closes an ignored invitation in the inviter's sight must close a declined one, too (D1).
   */
  readonly open?: InvitationId;
  readonly lastSentAt?: Instant;
}

/** An invitation by its status. Untouched, replied and ignored ones are open: the recipient can accept them. */
export type Invitation = UntouchedInvitation | TouchedInvitation;

/** The recipient has not reacted. Reminders are sent for no other invitation. */
export interface UntouchedInvitation {
  readonly status: 'untouched';
  readonly recipientId: MemberId;
  readonly sentAt: Instant;
  /** Ordinal of the last reminder; 0 before the first. */
  readonly reminded: number;
}

export interface TouchedInvitation {
  /** A superseded invitation was replaced by a follow-up, or closed by a connection in the other direction. */
  readonly status: 'replied' | 'ignored' | 'accepted' | 'declined' | 'withdrawn' | 'superseded';
  readonly recipientId: MemberId;
}

const NO_RELATION: Relation = { connected: false, blocked: false, emailRequired: false };

/** The state of an account without events. */
export function initialState(): Account {
  return {
    sent: 0,
    restricted: false,
    declinedBy: new Set(),
    relations: new Map(),
    invitations: new Map(),
    processedCommandIds: new Set(),
  };
}

export function relationWith(account: Account, member: MemberId): Relation {
  return account.relations.get(member) ?? NO_RELATION;
}
