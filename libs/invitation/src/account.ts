import type { CommandId, Instant, InvitationId, MemberId } from './events.js';

/** The part of an account's state that is always loaded. */
export interface AccountHead {
  /** How many invitations were ever sent. It never decreases (R35). */
  sent: number;
  restricted: boolean;
  /** The account was closed: it sends nothing more, and its invitations cannot be answered (D23). */
  closed: boolean;
  /** Recipients who declined since the account was opened or its restriction was lifted (R26, R27, D7). */
  readonly declinedBy: Set<MemberId>;
}

/**
 * The state of one member as an inviter, folded from the account's one stream. Every command is decided from it. The state may
 * be partial: then only some entries of its maps and of its set are loaded, and to ask for another one throws (ADR 17).
 */
export interface Account extends AccountHead {
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
  /** The account of one of the two was closed: they are not connected, and never will be (D23). */
  readonly ended?: true;
  readonly lastSentAt?: Instant;
}

/** An invitation by its status. Untouched, replied, ignored and restored ones are open: the recipient can accept them. */
export type Invitation = UntouchedInvitation | IgnoredInvitation | TouchedInvitation;

/** The recipient has not reacted. Reminders are sent for no other invitation. */
export interface UntouchedInvitation {
  readonly status: 'untouched';
  readonly recipientId: MemberId;
  readonly sentAt: Instant;
  /** Ordinal of the last reminder; 0 before the first. */
  readonly reminded: number;
}

/** The invitation is in the recipient's archive. */
export interface IgnoredInvitation {
  readonly status: 'ignored';
  readonly recipientId: MemberId;
  /**
   * The recipient has replied, before or after they ignored the invitation (D5, D17). If a second reply were possible only after
   * an ignore, it would tell the inviter of the ignore (D1).
   */
  readonly replied: boolean;
}

export interface TouchedInvitation {
  /**
   * A restored invitation is back in the inbox and has no reply; it is not untouched, because reminders do not start again (D20).
   * A superseded one was replaced by a follow-up, or by a connection in the other direction. A closed one ended with its inviter's
   * account.
   */
  readonly status:
    'replied' | 'restored' | 'accepted' | 'declined' | 'withdrawn' | 'superseded' | 'expired' | 'closed';
  readonly recipientId: MemberId;
}

const NO_RELATION: Relation = { connected: false, blocked: false, emailRequired: false };

/** The state of an account without events. */
export function initialState(): Account {
  return {
    sent: 0,
    restricted: false,
    closed: false,
    declinedBy: new Set(),
    relations: new Map(),
    invitations: new Map(),
    processedCommandIds: new Set(),
  };
}

export function relationWith(account: Account, member: MemberId): Relation {
  return account.relations.get(member) ?? NO_RELATION;
}

/** A partial account without a loaded entry. */
export function partialAccount({ sent, restricted, closed, declinedBy }: AccountHead): Account {
  return {
    sent,
    restricted,
    closed,
    declinedBy: new Set(declinedBy),
    relations: new PartialMap(),
    invitations: new PartialMap(),
    processedCommandIds: new PartialSet(),
  };
}

export const isPartial = ({ relations }: Account): boolean => relations instanceof PartialMap;

/** Whether a map or a set of an account can tell if it has this key. */
export const isLoaded = <Key>(entries: Map<Key, unknown> | Set<Key>, key: Key): boolean =>
  !(entries instanceof PartialMap || entries instanceof PartialSet) || entries.isLoaded(key);

/** The number of loaded entries, including those that are known to be absent. */
export const countEntries = ({ relations, invitations, processedCommandIds }: Account): number =>
  [relations, invitations, processedCommandIds].reduce(
    (sum, entries) =>
      sum +
      (entries instanceof PartialMap || entries instanceof PartialSet ? entries.loadedKeys : entries.size),
    0,
  );

/** Names entries of an account. */
export interface EntryKeys {
  readonly commandId: CommandId;
  readonly members: readonly MemberId[];
  readonly invitations: readonly InvitationId[];
}

export const areLoaded = (account: Account, { commandId, members, invitations }: EntryKeys): boolean =>
  isLoaded(account.processedCommandIds, commandId) &&
  members.every((member) => isLoaded(account.relations, member)) &&
  invitations.every((invitation) => isLoaded(account.invitations, invitation));

/** The entries to load into a partial account: undefined, or false, for one that is absent. */
export interface LoadedEntries {
  readonly relations: ReadonlyMap<MemberId, Relation | undefined>;
  readonly invitations: ReadonlyMap<InvitationId, Invitation | undefined>;
  readonly processedCommandIds: ReadonlyMap<CommandId, boolean>;
}

/** Adds the entries that are not loaded yet to a partial account, which it changes. */
export function loadEntries(account: Account, loaded: LoadedEntries): void {
  const { relations, invitations, processedCommandIds } = account;
  for (const [member, relation] of loaded.relations)
    if (!isLoaded(relations, member)) (relations as PartialMap<MemberId, Relation>).load(member, relation);
  for (const [id, invitation] of loaded.invitations)
    if (!isLoaded(invitations, id))
      (invitations as PartialMap<InvitationId, Invitation>).load(id, invitation);
  for (const [id, isProcessed] of loaded.processedCommandIds)
    if (!isLoaded(processedCommandIds, id))
      (processedCommandIds as PartialSet<CommandId>).load(id, isProcessed);
}

/** An entry of an account was needed that is not loaded. To treat it as absent could decide wrongly. */
export class EntryNotLoadedError extends Error {
  override readonly name = 'EntryNotLoadedError';

  constructor() {
    super('an entry of the account was needed that is not loaded');
  }
}

/** A map of which only some keys are loaded: those with an entry, and those that are known to have none. */
export class PartialMap<Key, Value> extends Map<Key, Value> {
  /** Keys that are known to have no entry. */
  private readonly absent = new Set<Key>();

  /** The number of loaded keys. */
  get loadedKeys(): number {
    return this.size + this.absent.size;
  }

  isLoaded(key: Key): boolean {
    return super.has(key) || this.absent.has(key);
  }

  load(key: Key, value: Value | undefined): void {
    if (value === undefined) this.absent.add(key);
    else this.set(key, value);
  }

  /** @throws EntryNotLoadedError */
  override get(key: Key): Value | undefined {
    if (!this.isLoaded(key)) throw new EntryNotLoadedError();
    return super.get(key);
  }

  /** @throws EntryNotLoadedError */
  override has(key: Key): boolean {
    if (!this.isLoaded(key)) throw new EntryNotLoadedError();
    return super.has(key);
  }

  override set(key: Key, value: Value): this {
    this.absent.delete(key);
    return super.set(key, value);
  }
}

/** A set of which only some keys are loaded: its members, and those that are known not to be members. */
export class PartialSet<Key> extends Set<Key> {
  private readonly absent = new Set<Key>();

  /** The number of loaded keys. */
  get loadedKeys(): number {
    return this.size + this.absent.size;
  }

  isLoaded(key: Key): boolean {
    return super.has(key) || this.absent.has(key);
  }

  load(key: Key, isMember: boolean): void {
    if (isMember) this.add(key);
    else this.absent.add(key);
  }

  /** @throws EntryNotLoadedError */
  override has(key: Key): boolean {
    if (!this.isLoaded(key)) throw new EntryNotLoadedError();
    return super.has(key);
  }

  override add(key: Key): this {
    this.absent.delete(key);
    return super.add(key);
  }
}
