import type { InvitationEvent } from '#libs/invitation';
import type { Difference } from './difference.js';
import { RedecidedAccount, type Policies } from './redecided-account.js';

/**
 * A history decided again under another policy, by the same `decide`. It is given the events in the log's order, and
 * tells each difference as soon as it is one.
 */
export class RedecidedHistory {
  private readonly accounts = new Map<string, RedecidedAccount>();
  /** Invitations whose acceptance would not have come about; so neither would the connection in the other account. */
  private readonly neverAccepted = new Set<string>();
  private end = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly policies: Policies,
    private readonly tell: (difference: Difference) => void,
  ) {}

  take(accountId: string, event: InvitationEvent): void {
    this.end = Math.max(this.end, Date.parse(event.at));
    const account = this.account(accountId);
    if (event.type === 'ConnectionRecorded' && this.neverAccepted.has(event.through)) {
      account.omit(event);
      return;
    }
    const happens = account.take(event);
    if (!happens && event.type === 'InvitationAccepted') this.neverAccepted.add(event.invitationId);
  }

  /** Nothing comes after: what would have been until the last event is told. */
  finish(): void {
    for (const account of this.accounts.values()) account.finish(this.end);
  }

  get accountsSeen(): number {
    return this.accounts.size;
  }

  private account(id: string): RedecidedAccount {
    const known = this.accounts.get(id);
    if (known !== undefined) return known;
    const opened = new RedecidedAccount(id, this.policies, this.tell);
    this.accounts.set(id, opened);
    return opened;
  }
}
