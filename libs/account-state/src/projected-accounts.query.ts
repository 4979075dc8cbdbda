import type { EntryKeys, Invitation, LoadedEntries, Relation } from '#libs/invitation';
import type { NamedStatement, Queryable } from '#libs/platform';
import { FOLD_VERSION } from './account-state.projection.js';
import { ProjectedAccount } from './projected-account.js';
import { commandKey, headKey, invitationKey, relationKey } from './row-keys.js';
import { toHead, type AccountStateRow, type HeadState } from './rows.js';

/** The entries of an account that commands are decided from. */
export interface AskedEntries {
  readonly accountId: string;
  readonly entries: readonly EntryKeys[];
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
    ON relation.key = asked.account_id || ' r ' || (invitation.state ->> 'recipientId')`,
};

/**
 * Returns the heads of accounts with the entries that are asked for, and with the relations to the recipients of the
 * invitations. `unusable` stands for a head of another version of the fold, or one with a gap: only the stream tells. An account
 * without a head is not in the result.
 */
export async function findProjectedAccounts(
  db: Queryable,
  asked: readonly AskedEntries[],
): Promise<ReadonlyMap<string, ProjectedAccount | 'unusable'>> {
  if (asked.length === 0) return new Map();
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
  const { rows } = await db.query<AccountStateRow>({
    ...STATEMENT,
    values: [[...keys], [...invitationKeys.values()], [...invitationKeys.keys()]],
  });
  const states = new Map(rows.map((row) => [row.key, row]));
  const projected = new Map<string, ProjectedAccount | 'unusable'>();
  for (const { accountId, entries } of asked) {
    const head = states.get(headKey(accountId));
    if (head === undefined) continue;
    const state = head.state as HeadState;
    projected.set(
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
  return projected;
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
