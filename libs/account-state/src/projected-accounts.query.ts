import {
  loadEntries,
  partialAccount,
  type Account,
  type AccountHead,
  type LoadedEntries,
  type EntryKeys,
  type Invitation,
  type Relation,
} from '#libs/invitation';
import type { NamedStatement, Queryable } from '#libs/platform';
import {
  FOLD_VERSION,
  commandKey,
  headKey,
  invitationKey,
  relationKey,
  toHead,
  type AccountStateRow,
  type HeadState,
} from './account-state.projection.js';

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

/** The entries of an account that commands are decided from. */
export interface AskedEntries {
  readonly accountId: string;
  readonly entries: readonly EntryKeys[];
}

/** The head of a closed account, of which nothing else is asked. */
interface ClosedRow {
  readonly key: string;
  readonly state: null;
}

/** One statement, so that all rows are of the same moment, and of the same generation. */
const STATEMENT: NamedStatement = {
  name: 'find projected accounts',
  text: `
  SELECT key, revision, state FROM read_models.account_state WHERE key = ANY($1)
  UNION ALL
  SELECT relation.key, relation.revision, relation.state
  FROM unnest($2::text[], $3::text[]) AS asked (account_id, key)
  JOIN read_models.account_state AS invitation ON invitation.key = asked.key
  JOIN read_models.account_state AS relation
    ON relation.key = asked.account_id || ' r ' || (invitation.state ->> 'recipientId')
  UNION ALL
  SELECT key, NULL, NULL FROM read_models.account_state WHERE key = ANY($4) AND state ? 'closed'`,
};

/** What the projection knows of the accounts of commands, and of the members whom the commands name. */
export interface ProjectedAccounts {
  /**
   * `unusable` stands for a head of another version of the fold, or one with a gap: only the stream tells. An account without a
   * head is missing.
   */
  readonly accounts: ReadonlyMap<string, ProjectedAccount | 'unusable'>;
  /** The members whose account is closed (D23). */
  readonly closed: ReadonlySet<string>;
}

/**
 * Returns the heads of accounts with the entries that are asked for, and with the relations to the recipients of the
 * invitations.
 * @param memberIds members of whom only is asked whether their account is closed
 */
export async function findProjectedAccounts(
  db: Queryable,
  asked: readonly AskedEntries[],
  memberIds: readonly string[] = [],
): Promise<ProjectedAccounts> {
  if (asked.length === 0) return { accounts: new Map(), closed: new Set() };
  const keys = new Set<string>();
  const invitationKeys = new Map<string, string>();
  for (const { accountId, entries } of asked) {
    keys.add(headKey(accountId));
    for (const { commandId, members, invitations } of entries) {
      keys.add(commandKey(accountId, commandId));
      for (const member of members) keys.add(relationKey(accountId, member));
      for (const invitation of invitations) {
        const key = invitationKey(accountId, invitation);
        keys.add(key);
        invitationKeys.set(key, accountId);
      }
    }
  }
  const { rows } = await db.query<AccountStateRow | ClosedRow>({
    ...STATEMENT,
    values: [[...keys], [...invitationKeys.values()], [...invitationKeys.keys()], memberIds.map(headKey)],
  });
  const states = new Map<string, AccountStateRow>();
  const closed = new Set<string>();
  for (const row of rows)
    if (row.state === null) closed.add(row.key);
    else states.set(row.key, row);
  const accounts = new Map<string, ProjectedAccount | 'unusable'>();
  for (const { accountId, entries } of asked) {
    const head = states.get(headKey(accountId));
    if (head === undefined) continue;
    const state = head.state as HeadState;
    accounts.set(
      accountId,
      state.fold === FOLD_VERSION
        ? new ProjectedAccount(
            BigInt(head.revision),
            state.eventId,
            toHead(state),
            loadedEntries(accountId, entries, states),
          )
        : 'unusable',
    );
  }
  return { accounts, closed };
}

function loadedEntries(
  accountId: string,
  entries: readonly EntryKeys[],
  states: ReadonlyMap<string, AccountStateRow>,
): LoadedEntries {
  const relations = new Map<string, Relation | undefined>();
  const invitations = new Map<string, Invitation | undefined>();
  const processedCommandIds = new Map<string, boolean>();
  const loadRelation = (member: string) =>
    relations.set(member, states.get(relationKey(accountId, member))?.state as Relation | undefined);
  for (const { commandId, members, invitations: ids } of entries) {
    processedCommandIds.set(commandId, states.has(commandKey(accountId, commandId)));
    members.forEach(loadRelation);
    for (const id of ids) {
      const invitation = states.get(invitationKey(accountId, id))?.state as Invitation | undefined;
      invitations.set(id, invitation);
      if (invitation !== undefined) loadRelation(invitation.recipientId);
    }
  }
  return { relations, invitations, processedCommandIds };
}
