import {
  accountOf,
  decide,
  DEFAULT_POLICY,
  evolve,
  openAccount,
  type Account,
  type Command,
  type InvitationEvent,
} from '#libs/invitation';

/** What one decision brought about, in one account. */
export interface Happened {
  readonly accountId: string;
  readonly events: readonly InvitationEvent[];
}

/** Accounts under the domain's own rules: whatever members try, only what it allows happens. */
export class Society {
  private readonly accounts = new Map<string, Account>();

  account(id: string): Account {
    const known = this.accounts.get(id);
    if (known !== undefined) return known;
    const opened = openAccount();
    this.accounts.set(id, opened);
    return opened;
  }

  /** The events of an accepted command; none of a refused one, as in the log. */
  ask(command: Command): Happened | undefined {
    const accountId = accountOf(command);
    const account = this.account(accountId);
    const decision = decide(account, command, DEFAULT_POLICY);
    if (decision.outcome === 'refused' || decision.events.length === 0) return undefined;
    for (const event of decision.events) evolve(account, event);
    return { accountId, events: decision.events };
  }

  /** A refusal needs no trying: members see who they are connected with, or have invited. */
  knows(inviterId: string, memberId: string): boolean {
    return this.account(inviterId).relations.has(memberId);
  }

  statusOf(inviterId: string, invitationId: string) {
    return this.account(inviterId).invitations.get(invitationId)?.status;
  }
}
