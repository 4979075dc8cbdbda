import { findProjectedAccounts, type ProjectedAccount, type ProjectedAccounts } from '#libs/account-state';
import type { AuthorTextSealer } from '#libs/author-keys';
import { entriesOf, assertNever, type Command, type Instant } from '#libs/invitation';
import type { Pool } from '#libs/platform';
import { findMemberFacts, type RecipientProfile } from '#libs/profiles';
import { isSameAddress, type CommandMessage } from '#libs/contracts';
import type { AccountHint } from '../deciding/account-command-handler.js';
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
  for (const { command } of requests) {
    const { data } = command;
    if ('inviterId' in data) {
      recipientIds.add(data.recipientId);
      actorIds.add(data.inviterId);
    } else if ('actorId' in data) actorIds.add(data.actorId);
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

/** What is known of the members whom commands name. */
interface KnownMembers {
  readonly recipients: ReadonlyMap<string, RecipientProfile>;
  /** Those whose profile was removed, and those whose account was closed (D23). */
  readonly left: ReadonlySet<string>;
}

/** Adds the time and what is known of the members, which the domain needs to decide. */
export function toDomainCommand(
  message: CommandMessage,
  at: Instant,
  { recipients, left }: KnownMembers,
): Command {
  const { type, commandId, data } = message;
  const hasLeft = (actorId: string) => (left.has(actorId) ? { actorHasLeft: true as const } : {});
  const onInvitation = ({ invitationId, actorId }: { invitationId: string; actorId: string }) => ({
    invitationId,
    actorId,
    ...hasLeft(actorId),
  });
  switch (type) {
    case 'invitations.send.v1': {
      const { inviterId, recipientId, recipientEmail } = data;
      const profile = left.has(recipientId) ? undefined : recipients.get(recipientId);
      const recipient = {
        available: profile?.takesInvitations ?? false,
        emailMatches:
          profile !== undefined &&
          recipientEmail !== undefined &&
          isSameAddress(profile.email, recipientEmail),
      };
      const message = data.message === undefined || data.message === '' ? {} : { message: data.message };
      const actor = hasLeft(inviterId);
      return {
        type: 'SendInvitation',
        commandId,
        at,
        inviterId,
        recipientId,
        recipient,
        ...message,
        ...actor,
      };
    }
    case 'invitations.accept.v1':
      return { type: 'AcceptInvitation', commandId, at, ...onInvitation(data), via: data.via ?? 'site' };
    case 'invitations.reply.v1':
      return { type: 'ReplyToInvitation', commandId, at, ...onInvitation(data), message: data.message };
    case 'invitations.ignore.v1':
      return { type: 'IgnoreInvitation', commandId, at, ...onInvitation(data) };
    case 'invitations.restore.v1':
      return { type: 'RestoreInvitation', commandId, at, ...onInvitation(data) };
    case 'invitations.decline.v1':
      return { type: 'DeclineInvitation', commandId, at, ...onInvitation(data) };
    case 'invitations.withdraw.v1':
      return { type: 'WithdrawInvitation', commandId, at, ...onInvitation(data) };
    case 'invitations.lift-restriction.v1': {
      const { accountId, operatorId, reason } = data;
      return { type: 'LiftRestriction', commandId, at, accountId, operatorId, reason };
    }
    case 'invitations.close-account.v1': {
      const { accountId, operatorId } = data;
      return { type: 'CloseAccount', commandId, at, accountId, operatorId };
    }
    case 'invitations.remind.v1': {
      const { invitationId, ordinal } = data;
      return { type: 'RemindRecipient', commandId, at, invitationId, ordinal };
    }
    case 'invitations.expire.v1': {
      const { invitationId, recipientId } = data;
      return { type: 'ExpireInvitation', commandId, at, invitationId, recipientId };
    }
    case 'invitations.record-connection.v1': {
      const { accountId, memberId, through } = data;
      return { type: 'RecordConnection', commandId, at, accountId, memberId, through };
    }
    case 'invitations.close-invitation.v1': {
      const { invitationId, recipientId } = data;
      return { type: 'CloseInvitation', commandId, at, invitationId, recipientId };
    }
    case 'invitations.end-connection.v1': {
      const { accountId, memberId, leaverId } = data;
      return { type: 'EndConnection', commandId, at, accountId, memberId, leaverId };
    }
    default:
      return assertNever(message);
  }
}
