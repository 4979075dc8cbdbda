import {
  loadEntries,
  partialAccount,
  type Account,
  type AccountHead,
  type LoadedEntries,
} from '#libs/invitation';

/** An account as the projection has it: at a revision that the stream may have passed, with the entries that were asked for. */
export class ProjectedAccount {
  /** @param eventId the event at the revision, by which a reader of the stream recognizes that it is the same stream */
  constructor(
    readonly revision: bigint,
    readonly eventId: string,
    private readonly head: AccountHead,
    private readonly entries: LoadedEntries,
  ) {}

  /** Returns a new partial account each time, because `evolve` changes it. */
  toAccount(): Account {
    const account = partialAccount(this.head);
    loadEntries(account, this.entries);
    return account;
  }

  /** Loads the entries that a partial account lacks. */
  addMissingTo(account: Account): void {
    loadEntries(account, this.entries);
  }
}
