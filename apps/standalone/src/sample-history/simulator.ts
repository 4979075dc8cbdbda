import {
  accountOf,
  decide,
  DEFAULT_POLICY,
  evolve,
  initialState,
  type Account,
  type Command,
  type InvitationEvent,
} from '#libs/invitation';

/** The events of one decision, in one account. */
export interface DecidedEvents {
  readonly accountId: string;
  readonly events: readonly InvitationEvent[];
}

/** Simulates accounts under the domain's own rules: commands that the rules refuse have no effect. */
export class Simulator {
  private readonly accounts = new Map<string, Account>();

  account(id: string): Account {
    const known = this.accounts.get(id);
    if (known !== undefined) return known;
    const opened = initialState();
    this.accounts.set(id, opened);
    return opened;
  }

  /** Returns the events of an accepted command; undefined for a refused one, which the log does not contain either. */
  execute(command: Command): DecidedEvents | undefined {
    const accountId = accountOf(command);
    const account = this.account(accountId);
    const decision = decide(account, command, DEFAULT_POLICY);
    if (decision.outcome === 'refused' || decision.events.length === 0) return undefined;
    for (const event of decision.events) evolve(account, event);
    return { accountId, events: decision.events };
  }

  /**
   * Whether the inviter already has a relation to the member. Members see whom they are connected with or have
   * invited, so they do not try.
   */
  hasRelation(inviterId: string, memberId: string): boolean {
    return this.account(inviterId).relations.has(memberId);
  }

  /** Whether an invitation has no response, as far as its inviter can see (D1). */
  isPending(inviterId: string, invitationId: string): boolean {
    const invitation = this.account(inviterId).invitations.get(invitationId);
    if (invitation?.status === 'ignored') return !invitation.replied;
    return invitation?.status === 'untouched' || invitation?.status === 'declined';
  }
}
