import { findProjectedAccounts, type ProjectedAccount, type ProjectedAccounts } from '#libs/account-state';
import type { AuthorTextSealer } from '#libs/author-keys';
import { entriesOf } from '#libs/invitation';
import type { Pool } from '#libs/platform';
import { findMemberFacts } from '#libs/profiles';
import type { AccountHint } from '../deciding/account-command-handler.js';
import type { KnownMembers } from '../deciding/command.mapper.js';
import type { CommandRequest } from './parse-batch.js';

/** What PostgreSQL knows of the members and the accounts of commands before they are decided. */
export interface DecisionContext {
  readonly members: KnownMembers;
  readonly accounts: ProjectedAccounts['accounts'];
}

/** Also loads the keys of the authors of the commands' texts into the cache, where the appends find them. */
export async function findDecisionContext(
  pool: Pool,
  requests: readonly CommandRequest[],
  sealer?: AuthorTextSealer,
): Promise<DecisionContext> {
  const byAccount = Map.groupBy(requests, ({ content }) => content.accountId);
  const wanted = [...byAccount].map(([accountId, ofAccount]) => ({
    accountId,
    entries: ofAccount.map(({ command: { commandId, data } }) => entriesOf(commandId, data)),
  }));
  const { recipientIds, actorIds } = membersOf(requests);
  const [{ recipients, removed }, { accounts, closed }] = await Promise.all([
    findMemberFacts(pool, recipientIds, actorIds),
    findProjectedAccounts(pool, wanted, [...new Set([...recipientIds, ...actorIds])]),
    sealer?.load(authorsOfTexts(requests)),
  ]);
  return { members: { recipients, left: new Set([...removed, ...closed]) }, accounts };
}

/** An account without a head in the projection is likely to be new. */
export function hintOf(
  projected: ProjectedAccount | 'unusable' | undefined,
  isFirstRound: boolean,
): AccountHint {
  if (projected === 'unusable') return 'may-exist';
  return projected ?? (isFirstRound ? 'no-stream' : 'may-exist');
}

/** The members who give the commands, and those whom they invite, each once. */
function membersOf(requests: readonly CommandRequest[]) {
  const recipientIds = new Set<string>();
  const actorIds = new Set<string>();
  for (const {
    command: { data },
  } of requests) {
    if ('inviterId' in data) recipientIds.add(data.recipientId);
    if ('inviterId' in data) actorIds.add(data.inviterId);
    else if ('actorId' in data) actorIds.add(data.actorId);
  }
  return { recipientIds: [...recipientIds], actorIds: [...actorIds] };
}

/** The members who wrote a text that a command carries, each once. */
function authorsOfTexts(requests: readonly CommandRequest[]): string[] {
  const authors = new Set<string>();
  for (const { command } of requests) {
    if (command.type === 'invitations.send.v1' && command.data.message) authors.add(command.data.inviterId);
    else if (command.type === 'invitations.reply.v1') authors.add(command.data.actorId);
  }
  return [...authors];
}
